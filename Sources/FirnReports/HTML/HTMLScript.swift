extension HTMLAssets {
    /// The script: the filter, folding, and folded parts that a link leads into. The page is complete without it. It
    /// only hides and unfolds what is there: it writes no markup and asks for nothing.
    static let script: StaticString = #"""

        (function () {
          "use strict";
          var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
          var by = function (id) { return document.getElementById(id); };
          all("[data-until]").forEach(function (element) {
            if (Date.now() / 1000 > Number(element.dataset.until)) { element.hidden = false; }
          });

          function reveal() {
            var name = "";
            try { name = decodeURIComponent(location.hash.slice(1)); } catch (error) { return; }
            var place = name && by(name);
            if (!place) { return; }
            var inside = place.querySelector("details[data-fold]");
            if (inside && inside.parentNode === place) { inside.open = true; }
            for (var at = place; at; at = at.parentElement) {
              if (at.tagName === "DETAILS") { at.open = true; }
              at.hidden = false;
            }
            place.scrollIntoView();
          }
          addEventListener("hashchange", reveal);
          if (location.hash) { reveal(); }

          // Browsers whose style sheets cannot unfold for paper.
          var unfolded = [];
          addEventListener("beforeprint", function () {
            unfolded = all(".finding details:not([open]), .banner details:not([open]):not([data-fold])");
            unfolded.forEach(function (details) { details.open = true; });
          });
          addEventListener("afterprint", function () {
            unfolded.forEach(function (details) { details.open = false; });
            unfolded = [];
          });

          var form = by("filter");
          if (!form) { return; }
          var entries = all("[data-i]").map(function (element) {
            var parts = element.dataset.i.split(" ");
            return { element: element, outcomes: parts[0].split(","), severity: parts[1], sources: parts[2].split(","),
              family: parts.slice(3).join(" "), text: null };
          });
          // Inner groups before outer ones.
          var groups = all("[data-g]").reverse();
          var folds = all("[data-g] details[data-fold]").map(function (element) { return { element: element, was: null }; });
          var fields = ["q", "by-severity", "by-outcome", "by-source", "by-family"].map(by);

          function apply() {
            var words = fields[0].value.toLowerCase().split(/\s+/).filter(Boolean);
            var severity = fields[1].value, outcome = fields[2].value, source = fields[3].value;
            var family = fields[4].selectedIndex > 0 ? fields[4].value : null;
            var active = Boolean(words.length || severity || outcome || source || family !== null);
            var shown = 0;
            entries.forEach(function (entry) {
              var holds = (!severity || entry.severity === severity)
                && (!outcome || entry.outcomes.indexOf(outcome) >= 0)
                && (!source || entry.sources.indexOf(source) >= 0)
                && (family === null || entry.family === family);
              if (holds && words.length) {
                if (entry.text === null) { entry.text = entry.element.textContent.toLowerCase(); }
                holds = words.every(function (word) { return entry.text.indexOf(word) >= 0; });
              }
              if (entry.element.hidden === holds) { entry.element.hidden = !holds; }
              if (holds) { shown += 1; }
            });
            groups.forEach(function (group) {
              group.hidden = active && !group.querySelector("[data-i]:not([hidden])");
            });
            folds.forEach(function (fold) {
              if (active) {
                if (fold.was === null) { fold.was = fold.element.open; }
                fold.element.open = Boolean(fold.element.querySelector("[data-i]:not([hidden])"));
              } else if (fold.was !== null) {
                fold.element.open = fold.was;
                fold.was = null;
              }
            });
            by("shown").textContent = active
              ? shown + " of " + entries.length + " entries" + (shown ? "" : ": nothing matches, which is no pass")
              : entries.length + " entries";
          }

          var timer = 0;
          form.addEventListener("input", function () {
            clearTimeout(timer);
            timer = setTimeout(apply, 120);
          });
          form.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
          by("show-all").addEventListener("click", function () { form.reset(); apply(); });
          function fold(open) {
            return function () { all(".finding details").forEach(function (details) { details.open = open; }); };
          }
          by("open-all").addEventListener("click", fold(true));
          by("close-all").addEventListener("click", fold(false));
          form.reset();
          form.hidden = false;
          apply();
        })();

        """#
}
