// Long lists: what follows (rows) or came before (messages) is asked for when the way to it comes into view.

const seen = new WeakSet();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting || !target.isConnected) continue;
    observer.unobserve(target); // what arrives brings a new one, if there is still more
    target.click();
  }
});

/** Watch the buttons that are in the page now. */
export function prepare() {
  for (const button of document.querySelectorAll("[data-more]")) {
    if (seen.has(button)) continue;
    seen.add(button);
    observer.observe(button);
  }
}
