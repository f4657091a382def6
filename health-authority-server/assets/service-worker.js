// Keeps the check-in page and its files, so that it opens again without network, where an open visit
// is ended and sealed. Which venue somebody visits never comes here: it stands behind the `#`.

const FILES = /* FILES */;
/** What the page holds itself: with another script or style the page is another one. */
const WITHIN = /* WITHIN */;
const NAME = `vungxanh-${[...FILES, ...WITHIN].join().split('').reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) | 0, 7)}`;
const BASE = new URL('.', location.href);
/** After so long an answer of the network is not waited for any more. */
const TIMEOUT_MILLISECONDS = 4000;

addEventListener('install', (event) => {
  const files = FILES.map((file) => new URL(file, BASE));
  event.waitUntil(caches.open(NAME)
    .then((cache) => cache.addAll([...files, new URL('v?lang=vi', BASE), new URL('v?lang=en', BASE)]))
    .then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
    .then(() => clients.claim()));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname === new URL('v', BASE).pathname) event.respondWith(page(request, url));
  else if (url.pathname.startsWith(new URL('assets/', BASE).pathname)) event.respondWith(file(request));
});

async function page(request, url) {
  const fresh = fetch(request);
  const late = new Promise((resolve) => { setTimeout(resolve, TIMEOUT_MILLISECONDS); });
  try {
    const answer = await Promise.race([fresh, late]);
    if (answer) return answer;
  } catch {
    // No network: the kept page.
  }
  const language = url.searchParams.get('lang') ?? (navigator.language.startsWith('en') ? 'en' : 'vi');
  const kept = await caches.match(new URL(`v?lang=${language}`, BASE), { ignoreVary: true });
  return kept ?? fresh;
}

async function file(request) {
  return await caches.match(request, { ignoreVary: true }) ?? fetch(request);
}
