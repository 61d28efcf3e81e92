// Tells the server in which zone the browser is, so that it writes times as the reader's clocks show them.

const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
const said = document.cookie.split("; ").find((one) => one.startsWith("zone="));

if (zone && said !== `zone=${zone}`) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=strict`;
