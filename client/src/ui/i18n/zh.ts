/**
 * What the first screen says in Chinese, the default. The words of the other screens are in rest.ts and come with them.
 * Labels of sheets, fields and options are not here; they come with the sheet definitions.
 */
export const zh = {
  // frame
  app: "救命文档",
  drill: "演练",
  drillLong: "这里的内容不是真的，不会有人出动",
  switchWorkbook: "换一个工作簿",
  sheets: "工作表",
  search: "搜索",
  searchHint: "编号、地点、情况…",
  clear: "清除",
  close: "关闭",
  back: "返回",
  menu: "更多",
  language: "English",
  me: "我",
  noName: "未署名",
  hereNow: "{n} 人在线",
  skip: "跳到内容",
  loading: "正在打开…",
  yes: "是",
  no: "否",
  add: "添加",
  ok: "知道了",
  other: "其他",
  unknownTime: "时间不详",
  failed: "没有成功：{why}",

  // roles
  role_visitor: "访客",
  role_volunteer: "志愿者",
  role_verifier: "核实员",
  role_team: "救援队",
  role_matcher: "对接员",
  role_steward: "管理员",
  role_owner: "创建者",

  // sync
  sync: "同步情况",
  synced: "已同步 {time}",
  sending: "正在发送 {n}",
  offlineNone: "离线",
  offlineKept: "离线，已存本机 {n} 条",
  connecting: "正在连接",
  conflicts: "有 {n} 处冲突",
  refusedChip: "{n} 条未被接受",
  storageOut: "存储不可用",
  storageMemory: "本机存储不可用：关掉这一页，没发出去的内容就会丢失。请先复制保存。",
  storageLong: "存储不可用：这台设备没有存下 {n} 条，请先复制保存",
  asOf: "数据截至 {time}",
  exportText: "复制成文字",
  stage_local: "已存本机",
  stage_sending: "正在发送",
  stage_sent: "已送达服务器",

  // views, filters, list
  filter: "筛选",
  filters: "筛选条件",
  filterMine: "我的",
  filterConflict: "有冲突",
  filterUnverified: "未核实",
  filterUnsent: "未送达",
  filterOver: "显示已结束",
  filterReset: "清空筛选",
  updates: "{n} 条更新",
  rowsN: "{n} 行",
  rowsOf: "{n} / {all} 行",
  waitingN: "{n} 行待救援",
  oldest: "最久已等 {age}",
  emptyList: "没有符合条件的行",
  emptySheet: "这张表还没有内容",
  emptyOffline: "还没有收到数据。连上网后会自动出现；现在也可以先填求助。",
  agoNow: "刚刚",
  agoMin: "{n} 分钟前",
  agoHour: "{n} 小时前",
  agoDay: "{n} 天前",
  ageMin: "{n} 分钟",
  ageHour: "{n} 小时",
  ageDay: "{n} 天",
  offlineNo: "离线 {code}",

  // row panel
  unknownActor: "某人",
  you: "你",
  closedRow: "这一行已结束",

  // work
  urgency: "紧急程度",
  claim: "认领这一行",
  etaAt: "{time} 到",
  min: "{n} 分钟",
  notes: "备注",
  history: "修改历史",
  suggestions: "待审核的建议",
  undo: "撤销",
  undone: "已撤销",
  undoNone: "没有可撤销的修改",
  saved: "已保存",

  // editors
  datum_wgs84: "WGS-84（手机、GPS）",
  datum_gcj02: "GCJ-02（高德、腾讯）",
  datum_bd09: "BD-09（百度）",
  datum_unknown: "不清楚",
  ed_unset: "不清楚",

  // asking for help
  sos: "我要求助",
  receipt: "求助已记下",

  // own row
  mineWrongKey: "这个链接打不开任何求助。请核对是否完整。",
  mineWaiting: "链接已收下，正在取你的求助…连上网就会出现。",

  // steward
  steward: "管理",
  notice: "公告",

  // keys
  keysTitle: "键盘",

  // what goes wrong
  error_offline: "现在没有连上服务器，连上后再试",
  error_timed_out: "服务器没有回应，请再试一次",
  error_not_permitted: "你的身份不能做这件事",
  laterFailed: "这一部分还没下载到这台设备，连上网再打开。",
  again: "再试",
  undoChanged: "别人在这之后改过，没有撤销。请在这一行里选定。",
  update: "有新版本",
  updateNow: "更新",
  unitPeople: "人",
  untitled: "（未写明）",
  teamUnknown: "队伍 {code}",
  claimSeveral: "{n} 支队伍认领",
  flagConflict: "冲突",
  overN: "{n} 行已结束",
} as const;
