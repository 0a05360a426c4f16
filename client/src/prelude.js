/**
 * What the app needs and Chromium 64 and Safari 12 lack. A classic script, loaded before the module; ES5 on purpose.
 * Not imported: the server's page names it (manifest: a file beginning with app/prelude-).
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
  add(Array.prototype, "flat", function (depth) {
    depth = depth === undefined ? 1 : depth;
    return this.reduce(function (all, item) {
      return all.concat(Array.isArray(item) && depth > 0 ? (depth > 1 ? item.flat(depth - 1) : item) : [item]);
    }, []);
  });
  add(Array.prototype, "flatMap", function (each, self) { return this.map(each, self).flat(); });
  function at(index) {
    index = Math.trunc(index) || 0;
    return this[index < 0 ? this.length + index : index];
  }
  add(Array.prototype, "at", at);
  add(String.prototype, "at", function (index) { var c = at.call(this, index); return c; });
  add(String.prototype, "replaceAll", function (from, to) {
    if (from instanceof RegExp) return this.replace(from, to);
    if (typeof to !== "function") return this.split(from).join(to);
    var text = this.split(from), out = text[0];
    for (var i = 1; i < text.length; i++) out += to(from) + text[i];
    return out;
  });
  add(String.prototype, "trimStart", function () { return this.replace(/^\s+/, ""); });
  add(String.prototype, "trimEnd", function () { return this.replace(/\s+$/, ""); });
  add(String.prototype, "matchAll", function (pattern) {
    var found = [], match, copy = new RegExp(pattern.source, pattern.flags);
    while ((match = copy.exec(this))) { found.push(match); if (match[0] === "") copy.lastIndex++; }
    return found[Symbol.iterator]();
  });
  add(Object, "fromEntries", function (entries) {
    var out = {};
    Array.from(entries).forEach(function (pair) { out[pair[0]] = pair[1]; });
    return out;
  });
  add(Object, "hasOwn", function (object, key) { return Object.prototype.hasOwnProperty.call(object, key); });
  add(Promise, "allSettled", function (all) {
    return Promise.all(Array.from(all).map(function (one) {
      return Promise.resolve(one).then(
        function (value) { return { status: "fulfilled", value: value }; },
        function (reason) { return { status: "rejected", reason: reason }; }
      );
    }));
  });
  if (root.Element) {
    add(root.Element.prototype, "replaceChildren", function () {
      while (this.lastChild) this.removeChild(this.lastChild);
      this.append.apply(this, arguments);
    });
  }
  if (!root.AbortController) {
    root.AbortController = function () { this.signal = undefined; this.abort = function () {}; };
  }
})();
