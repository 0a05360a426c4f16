/**
 * The kill switch: served as /sw.js in place of the worker, it removes every worker and every cache of it. What people wrote is in
 * IndexedDB and stays. docs/runbook says when.
 */
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) {
  event.waitUntil(
    caches.keys()
      .then(function (names) { return Promise.all(names.map(function (name) { return caches.delete(name); })); })
      .then(function () { return self.registration.unregister(); })
  );
});
