/**
 * The service worker as the page sees it: registers it, tells when a newer one waits, lets it take over. Rules SY40–SY44.
 * I/O: navigator.serviceWorker. Imported by app.ts. Where there is none (plain http, iOS WeChat) the open page and IndexedDB carry it.
 */
export class Update {
  private registration: ServiceWorkerRegistration | null = null;
  private wanted = false;

  constructor(
    private readonly workbook: string,
    private readonly onWaiting: () => void,
  ) {}

  start(): void {
    const workers = typeof navigator === "undefined" ? undefined : navigator.serviceWorker;
    if (!workers) return;
    if (document.getElementById("app")?.dataset["sw"] === "off") {
      void workers.getRegistrations().then((all) => all.forEach((one) => void one.unregister()));
      return;
    }
    workers.addEventListener("controllerchange", () => {
      // Another tab's wish must not throw away what is being typed here.
      if (this.wanted) location.reload();
    });
    workers.register("/sw.js").then((registration) => {
      this.registration = registration;
      if (registration.waiting && workers.controller) this.onWaiting();
      registration.addEventListener("updatefound", () => {
        const fresh = registration.installing;
        fresh?.addEventListener("statechange", () => {
          if (fresh.state === "installed" && workers.controller) this.onWaiting();
        });
      });
      return workers.ready;
    }).then((registration) => {
      registration.active?.postMessage({ keep: `/w/${encodeURIComponent(this.workbook)}/` });
    }).catch(() => {
      // No worker: the app works as long as its page is open.
    });
  }

  /** Lets the waiting worker take over and loads the page anew. */
  use(): void {
    this.wanted = true;
    if (this.registration?.waiting) this.registration.waiting.postMessage("take_over");
    else location.reload();
  }
}
