// Entry of the browser's first page. Links from when it had the list of nodes lead there:
// they have a query.
if (location.search) {
  const list = document.getElementById("all");
  location.replace(list.pathname + location.search + location.hash);
}
