// What the page does beyond its style: picks the reader's language, searches, opens what a link points into, prints whole.
"use strict";
(() => {
  const choose = (language) => {
    document.getElementById("language-" + language).checked = true;
    document.documentElement.lang = language;
  };
  const asked = () => /(?:^#|&)lang=(en|ja)(?:&|$)/.exec(location.hash)?.[1];
  const preferred = navigator.languages.find((tag) => /^(en|ja)\b/i.test(tag));
  choose(asked() ?? (preferred ? preferred.slice(0, 2).toLowerCase() : "en"));
  for (const input of document.querySelectorAll("input[name=language]"))
    input.addEventListener("change", () => {
      choose(input.value);
      history.replaceState(null, "", "#lang=" + input.value); // so that a reload or a sent link keeps the choice
    });

  const open_target = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    const details = target?.querySelector(":scope > tr.body > td > details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", () => {
    if (asked()) choose(asked());
    open_target();
  });
  open_target();

  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const rows = [...document.querySelectorAll("tbody.requirement")];
  const words_of = rows.map((row) => row.textContent.normalize("NFKC").toLowerCase());
  const update = () => {
    const words = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, i) => row.classList.toggle("unmatched", !words.every((word) => words_of[i].includes(word))));
    shown.textContent = rows.filter((row) => row.getClientRects().length > 0).length;
  };
  for (const hidden of document.querySelectorAll(".needs-script")) hidden.hidden = false;
  search.addEventListener("input", update);
  for (const filter of document.querySelectorAll("input.filter")) filter.addEventListener("change", update);

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
