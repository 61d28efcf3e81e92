// The service worker. It does one thing: when the server cannot be reached, it shows a page that says how to start it.
//
// It keeps nothing: each page and each file comes from the server, or from the browser's own cache as ever. So it never
// shows old data, and a new version is never held back.

const CLOSED = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="3">
<title>Not running · Pianola</title>
<style>
  body { font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto 0; padding: 0 1.25rem; }
  code { font-size: 1.05em; padding: 0.1em 0.35em; border: 1px solid; border-radius: 0.3em; }
</style>
<h1>Pianola is not running</h1>
<p>Start it in a terminal: <code>make up</code> in its folder, or <code>pianola up</code> if it is installed.</p>
<p>Your data are on this machine, as you left them. This page opens by itself when Pianola is there.</p>
</html>`;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const closed = () =>
  new Response(CLOSED, {
    status: 503,
    headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": POLICY },
  });

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Where the browser can be told: everything but pages goes past this worker.
  event.addRoutes?.({ condition: { not: { requestMode: "navigate" } }, source: "network" });
});
self.addEventListener("activate", (event) => event.waitUntil(started()));
self.addEventListener("fetch", (event) => {
  const { mode, method } = event.request;
  if (mode === "navigate" && method === "GET") event.respondWith(page(event).catch(closed));
});

/** The browser asks for pages itself: the server sees who asks, as without this worker. */
async function started() {
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

const page = async (event) => (await event.preloadResponse) ?? fetch(event.request);
