// Part of `refgen serve` only: reloads the page when there is a new release, and
// shows why there is none.
{
  let release;
  let banner;
  const show = (text) => {
    banner?.remove();
    banner = undefined;
    if (!text) return;
    banner = document.createElement("pre");
    banner.setAttribute("role", "alert");
    banner.textContent = `The last change was not published:\n${text}`;
    Object.assign(banner.style, {
      position: "fixed", inset: "auto 0 0 0", margin: 0, padding: "1rem", zIndex: 2147483647, maxHeight: "40vh", overflow: "auto",
      background: "#7a1212", color: "#fff", font: "14px/1.5 monospace", whiteSpace: "pre-wrap",
    });
    document.body.append(banner);
  };
  new EventSource("/-/events").onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (release && release !== news.release) location.reload();
    release = news.release;
    show(news.error);
  };
}
