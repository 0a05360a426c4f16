/**
 * The service worker: opens the app without a network where it was opened once with one. A classic script; vite.config.ts puts
 * `self.SHELL = {version, files}` before it. Rules SY40–SY44.
 *
 * Pages (navigations): the network for 3 s, then the page kept for this workbook. Files of the app and of the server's style: the cache
 * first, their names carry their content. Everything else (API, sockets, exports, receipts) is none of its business.
 * It takes over only when a page says so, and keeps the version before it: an open page may still ask for a chunk of it.
 */
(function () {
  "use strict";
  var SHELL = self.SHELL;
  var CACHE = "shell-" + SHELL.version;
  var PAGES = "pages";
  var WAIT_MS = 3000;
  var HOME = /^\/w\/[^/]+\//;
  var STATIC = /^\/(app|style)\//;

  self.addEventListener("install", function (event) {
    event.waitUntil(caches.open(CACHE).then(function (cache) { return cache.addAll(SHELL.files); }));
  });

  self.addEventListener("activate", function (event) {
    // The kept pages name files of the version before: they are fetched anew first, and nothing is dropped where that fails.
    event.waitUntil(renew().then(function (isRenewed) { return isRenewed && purge(); }).then(function () { return self.clients.claim(); }));
  });

  self.addEventListener("message", function (event) {
    if (event.data === "take_over") self.skipWaiting();
    else if (event.data && event.data.keep) event.waitUntil(isKept(event.data.keep).then(function (is) { return is || keep(event.data.keep); }));
  });

  self.addEventListener("fetch", function (event) {
    var request = event.request;
    var url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) return;
    if (request.mode === "navigate") {
      if (HOME.test(url.pathname)) event.respondWith(page(request, url));
      else if (url.pathname === "/") event.respondWith(fetch(request).catch(lastHome));
    } else if (STATIC.test(url.pathname) || SHELL.files.indexOf(url.pathname) >= 0) {
      event.respondWith(file(request));
    }
  });

  /** The network for as long as a person waits, then what was kept; the page of the workbook stands for all of its addresses. */
  function page(request, url) {
    var home = HOME.exec(url.pathname)[0];
    var network = fetch(request).then(function (response) {
      if (url.pathname === home && mayKeep(response)) {
        put(home, response.clone()).catch(function () {});
      }
      return response;
    });
    network.catch(function () {}); // Answered below, or too late to matter.
    var late = new Promise(function (resolve) { setTimeout(resolve, WAIT_MS); });
    return Promise.race([network, late]).catch(function () {}).then(function (response) {
      // A gateway's error page is no answer while a kept page is there.
      if (response && response.status < 500) return response;
      return caches.match(home, { cacheName: PAGES }).then(function (kept) { return kept || response || network; });
    });
  }

  /** The icon on the home screen opens "/": without a network that is the workbook kept last. */
  function lastHome() {
    return caches.open(PAGES).then(function (cache) { return cache.keys(); }).then(function (kept) {
      return kept.length > 0 ? Response.redirect(kept[kept.length - 1].url) : Response.error();
    });
  }

  function file(request) {
    return caches.match(request).then(function (kept) {
      if (kept) return kept;
      return fetch(request).then(function (response) {
        if (mayKeep(response)) {
          var copy = response.clone();
          caches.open(CACHE).then(function (cache) { return cache.put(request, copy); }).catch(function () {});
        }
        return response;
      });
    });
  }

  function isKept(home) {
    return caches.match(home, { cacheName: PAGES }).then(function (page) { return page !== undefined; });
  }

  /** Fetches a workbook's page and keeps it: the first visit came before this worker did. True where it worked. */
  function keep(home) {
    if (!HOME.test(home)) return Promise.resolve(true);
    return fetch(home, { credentials: "same-origin" }).then(function (response) {
      return mayKeep(response) ? put(home, response) : undefined;
    }).then(function () { return true; }, function () { return false; });
  }

  /** Keeps a page with the files it names: without them it would be no page. */
  function put(home, response) {
    var copy = response.clone();
    return response.text().then(function (html) {
      var names = [];
      html.replace(/(?:href|src)="(\/(?:app|style)\/[^"]+)"/g, function (_all, name) { names.push(name); });
      return caches.open(CACHE).then(function (cache) {
        return Promise.all(names.map(function (name) {
          return cache.match(name).then(function (kept) { return kept || cache.add(name); });
        }));
      });
    }).then(function () {
      return caches.open(PAGES).then(function (cache) { return cache.put(home, copy); });
    });
  }

  function renew() {
    return caches.open(PAGES).then(function (cache) { return cache.keys(); }).then(function (pages) {
      return Promise.all(pages.map(function (page) { return keep(new URL(page.url).pathname); }));
    }).then(function (renewed) { return renewed.indexOf(false) < 0; });
  }

  /** Whole, ours, not led elsewhere, and not marked as for one reader only. */
  function mayKeep(response) {
    return response.ok && response.type === "basic" && !response.redirected && !/no-store/.test(response.headers.get("cache-control") || "");
  }

  /** Drops all shells but this one and the one before it. */
  function purge() {
    return caches.open("versions").then(function (cache) {
      return cache.match("/versions").then(function (response) { return response ? response.json() : []; }).then(function (versions) {
        versions = [SHELL.version].concat(versions.filter(function (version) { return version !== SHELL.version; })).slice(0, 2);
        return cache.put("/versions", new Response(JSON.stringify(versions))).then(function () { return versions; });
      });
    }).then(function (versions) {
      return caches.keys().then(function (names) {
        return Promise.all(names.filter(function (name) {
          return /^shell-/.test(name) && versions.indexOf(name.slice(6)) < 0;
        }).map(function (name) { return caches.delete(name); }));
      });
    });
  }
})();
