// A stock Yjs client: npm yjs and y-websocket, nothing of ours. Run from client/ with the address, the room and what to do.
// Prints one JSON line per event: {map} whenever the document changed, {closed: code, reason} when the server ends it.
import { createRequire } from 'node:module'

const need = createRequire(process.cwd() + '/package.json')
const Y = need('yjs')
const { WebsocketProvider } = need('y-websocket')
const WebSocket = need('ws')
const [address, room, act = 'read', bearer = ''] = process.argv.slice(2)

class Socket extends WebSocket {
  constructor(url) {
    super(url, bearer ? { headers: { authorization: `Bearer ${bearer}` } } : {})
  }
}
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')
const doc = new Y.Doc()
const provider = new WebsocketProvider(address, room, doc, { WebSocketPolyfill: Socket, disableBc: true })
provider.on('connection-close', (event) => {
  say({ closed: event.code, reason: String(event.reason) })
  provider.shouldConnect = false
})
doc.on('update', () => say({ map: doc.getMap('row').toJSON() }))
provider.on('sync', () => {
  say({ synced: true, map: doc.getMap('row').toJSON() })
  if (act === 'write') doc.getMap('row').set('summary', 'a write of a stock client')
})
process.stdin.on('data', () => process.exit(0))
process.stdin.on('end', () => process.exit(0))
