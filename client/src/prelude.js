/**
 * What the app uses and Chromium 64 and Safari 12 lack. A classic script, loaded before the module; ES5 on purpose.
 * Not imported: the server's page names it (a file beginning with app/prelude-). What else those browsers lack is refused by the build.
 */
(function () {
  "use strict";
  var root = typeof self !== "undefined" ? self : this;
  if (typeof globalThis === "undefined") root.globalThis = root;
  if (!root.queueMicrotask) {
    root.queueMicrotask = function (task) {
      Promise.resolve().then(task).catch(function (e) {
        setTimeout(function () { throw e; });
      });
    };
  }
  function add(target, name, value) {
    if (!target[name]) Object.defineProperty(target, name, { value: value, writable: true, configurable: true });
  }
  add(Array.prototype, "flat", function () { return [].concat.apply([], this); });
  add(Array.prototype, "flatMap", function (each, self) { return this.map(each, self).flat(); });
  add(Object, "fromEntries", function (entries) {
    var out = {};
    Array.from(entries).forEach(function (pair) { out[pair[0]] = pair[1]; });
    return out;
  });
  // A call without a limit is better than none: the browser's own is two minutes.
  add(root, "AbortController", function () { this.abort = function () {}; });
  // Lists measure themselves by it: here only when the window changes.
  add(root, "ResizeObserver", function (measure) {
    this.observe = function () { measure(); root.addEventListener("resize", measure); };
    this.unobserve = this.disconnect = function () { root.removeEventListener("resize", measure); };
  });
})();
