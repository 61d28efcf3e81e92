// The pages for a browser that is not signed in. At 127.0.0.1 they lead to the page's own host name, if the browser
// finds it. The browser's storage for this address and port remembers the name: no other program can read it there.

const STORAGE = "pianola-own-address";
const LONGEST_MILLISECONDS = 3000;

const { own, lost } = document.body.dataset;

/** Return whether the browser finds this origin, and Pianola answers there. */
async function reaches(origin) {
  try {
    const signal = AbortSignal.timeout(LONGEST_MILLISECONDS);
    await fetch(`${origin}/reachable`, { mode: "no-cors", credentials: "omit", cache: "no-store", signal });
    return true;
  } catch {
    return false;
  }
}

/** Remember an origin, "" to forget it. A browser that stores nothing is led again at the next ticket. */
function remember(origin) {
  try {
    if (origin) localStorage.setItem(STORAGE, origin);
    else localStorage.removeItem(STORAGE);
  } catch {
    // It stores nothing.
  }
}

function remembered() {
  try {
    return localStorage.getItem(STORAGE);
  } catch {
    return null;
  }
}

/** Go on at the own name with the ticket of this page, or stay with it where we are. */
async function lead() {
  if (await reaches(own)) {
    remember(own);
    location.replace(document.getElementById("own").href);
  } else {
    remember("");
    document.getElementById("stay").submit();
  }
}

/** A link or a bookmark came to 127.0.0.1: go to the same page at the own name, where this browser may be signed in. */
async function leadBack() {
  const known = remembered();
  if (!known || !/^http:\/\/pianola-[0-9a-z]+\.localhost:\d+$/.test(known)) return;
  if (await reaches(known)) {
    const carries = /[?&](token|ticket)=/.test(location.search);
    location.replace(known + (carries || location.pathname === "/sign-in" ? "/" : location.pathname + location.search));
  } else {
    remember("");
  }
}

const noCookies = document.getElementById("no-cookies");
if (noCookies) noCookies.hidden = navigator.cookieEnabled;
if (own) lead();
else if (lost !== undefined) leadBack();
