// npm yjs beside our own encoder and fold: reads one JSON question on stdin, answers on stdout. Run from client/.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const Y = createRequire(process.cwd() + '/package.json')('yjs')
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const number = (id) => [...id].reduce((sum, digit) => sum * 62 + DIGITS.indexOf(digit), 0)
const sorted = (record) => Object.keys(record).sort()

/** The bytes Yjs writes when a client of the edit's number sets the edit's keys, in hex. */
function write(edit) {
  const doc = new Y.Doc()
  doc.clientID = number(edit.edit)
  const map = doc.getMap('row')
  doc.transact(() => {
    const seen = {}
    for (const path of sorted(edit.seen)) seen[path] = edit.seen[path]
    map.set('~' + edit.edit, [edit.actor, edit.at_ms, seen])
    const keys = {}
    for (const path of sorted(edit.writes)) keys[path + '~' + edit.edit] = edit.writes[path]
    for (const key of sorted(keys)) map.set(key, keys[key])
  })
  return Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')
}

/** The live sets of a document that merged these updates, folded from its map. */
function merge(updates) {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'hex'))
  const held = doc.getMap('row').toJSON()
  const dead = new Set()
  const stamps = {}
  for (const key of Object.keys(held)) {
    if (key[0] !== '~') continue
    stamps[key.slice(1)] = held[key]
    for (const [path, edits] of Object.entries(held[key][2])) for (const edit of edits) dead.add(path + '~' + edit)
  }
  const live = {}
  for (const key of sorted(held)) {
    const [path, edit] = key.split('~')
    if (path && !dead.has(key)) (live[path] ??= []).push([edit, held[key], stamps[edit][0], stamps[edit][1]])
  }
  for (const path of Object.keys(live)) live[path].sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return Object.fromEntries(sorted(live).map((path) => [path, live[path]]))
}

const asked = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries({ write, merge }).filter(([verb]) => asked[verb]).map(([verb, answer]) => [verb, asked[verb].map(answer)]))))
