extension HTMLAssets {
    /// The style sheet. Colours are named once for light and once for dark; paper is always light. `HTMLStyleTests`
    /// computes the contrast of every pair (WCAG 2.2, 1.4.3 and 1.4.11).
    static let style: StaticString = #"""

        :root {
          color-scheme: light dark;
          --page: #f4f6f9; --sheet: #ffffff; --text: #18222d; --quiet: #505d6b; --line: #d3dae2; --edge: #7b8794;
          --link: #0a55a5; --code: #edf1f5; --bad: #b3261e; --warn: #845300; --good: #17693b;
          --critical: #8c0f2d; --high: #b3261e; --medium: #845300; --low: #2d5d94; --info: #505d6b;
          --fail: #b3261e; --waived: #74429b; --unknown: #845300; --error: #8f1459; --pass: #17693b;
          --not-checked: #b4bec8;
          --heat1: #fbe9e7; --heat2: #f6cdc9; --heat3: #efaea8; --heat4: #e58f87;
          --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #0f141a; --sheet: #171e26; --text: #e4eaf0; --quiet: #a3b0bd; --line: #2e3945; --edge: #6f7d8b;
            --link: #83bcf7; --code: #232c36; --bad: #ff8f86; --warn: #efbb62; --good: #74d399;
            --critical: #ff8098; --high: #ff9a8f; --medium: #efbb62; --low: #93c0f3; --info: #a3b0bd;
            --fail: #ff8f86; --waived: #cba6ec; --unknown: #efbb62; --error: #f592c6; --pass: #74d399;
            --not-checked: #414e5b;
            --heat1: #3a2526; --heat2: #512b2b; --heat3: #6a3230; --heat4: #853a36;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 var(--sans);
          overflow-wrap: anywhere; }
        body > header, body > nav, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
        main { padding-bottom: 3rem; }
        [hidden] { display: none !important; }
        h1, h2, h3, h4, h5, p, ul, dl, figure, pre { margin: 0; }
        h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; }
        h2 { font-size: 1.4rem; line-height: 1.25; }
        h3 { font-size: 1.1rem; line-height: 1.3; }
        h4, h5 { font-size: 1rem; line-height: 1.35; }
        ul { padding: 0; list-style: none; }
        a { color: var(--link); }
        a, button, input, select, summary, [tabindex] { outline-offset: 2px; }
        :focus-visible { outline: 3px solid var(--link); border-radius: 3px; }
        code, pre { font-family: var(--mono); font-size: .875em; }
        code { background: var(--code); border-radius: 4px; padding: .1em .35em; -webkit-box-decoration-break: clone;
          box-decoration-break: clone; }
        pre { background: var(--code); border-radius: 6px; padding: .7rem .85rem; white-space: pre-wrap; }
        pre code { background: none; padding: 0; font-size: 1em; }
        small, .small { font-size: .85rem; }
        small, .small, .quiet { color: var(--quiet); }
        .skip { position: absolute; left: -100vw; background: var(--sheet); padding: .6rem 1rem; }
        .skip:focus { left: 1rem; top: 1rem; z-index: 1; }

        .top { padding-top: 2rem !important; }
        .top > p { font-size: .85rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
        .facts { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin-top: .9rem; }
        .facts li { min-width: 0; }
        .facts .hash { flex-basis: 100%; }
        .facts .quiet { display: block; font-size: .8rem; }
        nav { margin-top: 1.1rem !important; }
        nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; border-top: 1px solid var(--line);
          border-bottom: 1px solid var(--line); padding: .5rem 0; }
        nav a { text-decoration: none; display: inline-block; padding: .15rem 0; }
        nav a:hover { text-decoration: underline; }

        main > section, .filter { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px;
          padding: 1.25rem 1.4rem; margin-top: 1.25rem; }
        section section { margin-top: 1.4rem; }
        section > h2 + *, section > h3 + *, section > h4 + * { margin-top: .35rem; }
        section > h3 { margin-top: 1.2rem; }
        section > h3:first-child { margin-top: 0; }

        .banner { border-left-width: 8px !important; }
        .banner.good { border-left-color: var(--good) !important; }
        .banner.bad { border-left-color: var(--bad) !important; }
        .banner.warn { border-left-color: var(--warn) !important; }
        .banner h2::before { display: inline-block; min-width: 1.5em; }
        .banner.good h2 { color: var(--good); } .banner.good h2::before { content: "\2713"; content: "\2713" / ""; }
        .banner.bad h2 { color: var(--bad); } .banner.bad h2::before { content: "\2717"; content: "\2717" / ""; }
        .banner.warn h2 { color: var(--warn); } .banner.warn h2::before { content: "?"; content: "?" / ""; }
        .banner h3 { font-size: 1rem; margin-top: .9rem; }
        .banner .small { margin-top: .35rem; }
        .words { font-size: 1.05rem; }
        .expired { color: var(--bad); font-weight: 700; margin-top: .5rem; }
        .banner > ul > li, .banner details > ul:not(.facts) > li { padding: .15rem 0 .15rem 1.1rem; position: relative; }
        .banner > ul > li::before, .banner details > ul:not(.bare):not(.facts) > li::before { content: "\2022"; content: "\2022" / "";
          position: absolute; left: .15rem; color: var(--quiet); }

        .key { white-space: nowrap; font-weight: 600; }
        .key::before { font-weight: 400; }
        .key.critical::before, h3.critical::before, h4.critical::before { content: "\25C6\a0"; content: "\25C6\a0" / ""; }
        .key.high::before, h3.high::before, h4.high::before { content: "\25B2\a0"; content: "\25B2\a0" / ""; }
        .key.medium::before, h3.medium::before, h4.medium::before { content: "\25CF\a0"; content: "\25CF\a0" / ""; }
        .key.low::before, h3.low::before, h4.low::before { content: "\25BC\a0"; content: "\25BC\a0" / ""; }
        .key.info::before, h3.info::before, h4.info::before { content: "\25CB\a0"; content: "\25CB\a0" / ""; }
        .key.fail::before { content: "\2717\a0"; content: "\2717\a0" / ""; }
        .key.waived::before { content: "\2691\a0"; content: "\2691\a0" / ""; }
        .key.unknown::before { content: "?\a0"; content: "?\a0" / ""; }
        .key.error::before { content: "!\a0"; content: "!\a0" / ""; font-weight: 700; }
        .key.pass::before { content: "\2713\a0"; content: "\2713\a0" / ""; }
        .key.notApplicable::before { content: "\2013\a0"; content: "\2013\a0" / ""; }
        .key.notChecked::before { content: "\25A1\a0"; content: "\25A1\a0" / ""; }
        .key.critical, h3.critical, h4.critical { color: var(--critical); }
        .key.high, h3.high, h4.high { color: var(--high); }
        .key.medium, h3.medium, h4.medium { color: var(--medium); }
        .key.low, h3.low, h4.low { color: var(--low); }
        .key.info, h3.info, h4.info { color: var(--info); }
        .key.fail { color: var(--fail); } .key.waived { color: var(--waived); }
        .key.unknown { color: var(--unknown); } .key.error { color: var(--error); }
        .key.pass { color: var(--pass); } .key.notApplicable, .key.notChecked { color: var(--quiet); }
        .source { color: var(--quiet); font-size: .85rem; }

        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .6rem;
          margin-top: .9rem !important; }
        .cards li { border: 1px solid var(--line); border-top: 4px solid var(--edge); border-radius: 6px;
          padding: .5rem .75rem .6rem; display: flex; flex-direction: column; }
        .cards strong { font-size: 1.7rem; line-height: 1.2; font-weight: 650; }
        .cards small { line-height: 1.3; }
        .cards .quiet { border-top-color: var(--line); }
        .cards .fail { border-top-color: var(--fail); } .cards .waived { border-top-color: var(--waived); }
        .cards .unknown { border-top-color: var(--unknown); } .cards .error { border-top-color: var(--error); }
        .cards .pass { border-top-color: var(--pass); }
        .cards .key { white-space: normal; overflow-wrap: normal; }

        .charts { display: grid; grid-template-columns: 3fr 2fr; gap: 1.5rem 2.5rem; margin-top: 1.4rem; }
        figcaption, caption { font-weight: 600; text-align: left; padding-bottom: .4rem; }
        svg { display: block; width: 100%; height: 1.1rem; border-radius: 3px; background: var(--code); }
        rect.fail, rect.high { fill: var(--fail); } rect.waived { fill: var(--waived); }
        rect.unknown, rect.medium { fill: var(--unknown); } rect.error { fill: var(--error); }
        rect.pass { fill: var(--pass); } rect.notApplicable { fill: var(--edge); } rect.notChecked { fill: var(--not-checked); }
        rect.critical { fill: var(--critical); } rect.low { fill: var(--low); } rect.info { fill: var(--info); }
        rect { stroke: var(--sheet); stroke-width: 1px; vector-effect: non-scaling-stroke; }
        .bars > li + li { margin-top: .9rem; }
        .bars > li > p { margin-bottom: .2rem; }
        .bars.severity > li { display: grid; grid-template-columns: 6.5rem 1fr 3rem; align-items: center; gap: .5rem; }
        .bars.severity > li + li { margin-top: .4rem; }
        .bars.severity strong { text-align: right; font-variant-numeric: tabular-nums; }
        .counts { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-top: .3rem; font-size: .9rem; }
        .counts .key { font-weight: 400; }

        .scroll { overflow-x: auto; margin-top: 1.4rem; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
          font-weight: 400; }
        thead th { color: var(--quiet); font-size: .8rem; font-weight: 600; vertical-align: bottom;
          border-bottom-color: var(--edge); overflow-wrap: normal; }
        .numbers th + th, .numbers td { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
        .numbers tbody th { font-weight: 600; min-width: 6rem; }
        .numbers tbody th small { font-weight: 400; display: block; }
        .numbers .chart { width: 22%; min-width: 7rem; }
        .numbers th.chart { text-align: left; }
        .numbers svg { height: .8rem; margin-top: .3rem; }
        .heat1 { background: var(--heat1); } .heat2 { background: var(--heat2); }
        .heat3 { background: var(--heat3); } .heat4 { background: var(--heat4); font-weight: 600; }

        .fields { display: grid; grid-template-columns: 2fr repeat(4, 1fr); gap: .75rem; }
        label { display: block; font-size: .85rem; color: var(--quiet); }
        input, select, button { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--edge);
          border-radius: 6px; padding: .4rem .6rem; width: 100%; min-height: 2.5rem; }
        .buttons { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin-top: .9rem; }
        .buttons button { width: auto; cursor: pointer; }
        .buttons button:hover { background: var(--code); }
        output { flex: 1 1 12rem; }

        .finding { border: 1px solid var(--line); border-left: 4px solid var(--edge); border-radius: 6px;
          padding: .8rem 1rem; margin-top: .75rem !important; }
        .finding.critical { border-left-color: var(--critical); } .finding.high { border-left-color: var(--high); }
        .finding.medium { border-left-color: var(--medium); } .finding.low { border-left-color: var(--low); }
        .finding > h3, .finding > h4, .finding > h5 { font-size: 1rem; }
        .tags { margin-top: .25rem; display: flex; flex-wrap: wrap; gap: .15rem .9rem; font-size: .9rem;
          align-items: baseline; }
        .says { margin-top: .5rem; }
        .says { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: .25rem .75rem; }
        .says dt { color: var(--quiet); font-size: .9rem; }
        .says dd { margin: 0; min-width: 0; }
        details { margin-top: .5rem; }
        .folds { display: flex; flex-wrap: wrap; gap: .1rem 1.75rem; margin-top: .45rem; }
        .folds details { margin-top: 0; max-width: 100%; }
        .folds details[open] { flex-basis: 100%; }
        summary { cursor: pointer; color: var(--link); width: fit-content; max-width: 100%; padding: .1rem 0; }
        summary small { margin-left: .25rem; }
        .finding details > :not(summary) { margin: .35rem 0 .5rem 1.1rem; }
        .finding details > p { max-width: 48rem; }
        section > details.fold:first-child { margin-top: 0; }
        .places li { padding: .15rem 0; }
        .places li > span:last-child { font-family: var(--mono); font-size: .85em; }
        .layers { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .5rem; margin: .5rem 0; }
        .layers > div { border: 1px solid var(--line); border-radius: 6px; padding: .3rem .65rem .45rem; }
        .layers > .marked { border: 2px solid var(--edge); }
        .waiver { border: 1px solid var(--waived); border-radius: 6px; padding: .5rem .8rem; margin-top: .6rem; }
        .reason > h3, .reason > h4, .reason > h5 { font-size: 1rem; font-weight: 500; }
        .rules { margin-top: .35rem; }
        .rules li { padding: .2rem 0 .2rem .9rem; border-left: 2px solid var(--line); }
        .rule { background: none; padding: 0; font-weight: 600; }
        .bare { columns: 18rem; column-gap: 1.5rem; margin-top: .4rem; }
        .bare li { break-inside: avoid; padding: .05rem 0; }
        .bare code { background: none; padding: 0; }
        @media screen { .banner tbody th { overflow-wrap: normal; } }
        td.hash { min-width: 14rem; }
        .passes th code { background: none; padding: 0; font-weight: 600; display: block; }
        .passes th { width: 58%; }
        .system { border-top-width: 4px !important; border-top-color: var(--edge) !important; }
        .system > svg { margin-top: 1rem !important; }

        @media screen and (max-width: 46rem) {
          body > header, body > nav, main { padding-left: .9rem; padding-right: .9rem; }
          .top { padding-top: 1.2rem !important; }
          main > section, .filter { padding: 1rem .9rem; }
          h1 { font-size: 1.55rem; }
          .charts { grid-template-columns: minmax(0, 1fr); }
          .cards { grid-template-columns: repeat(2, 1fr); }
          .cards li:first-child { grid-column: 1 / -1; }
          .numbers .chart { display: none; }
          .numbers tbody th { min-width: 8rem; }
          caption { max-width: calc(100vw - 4.5rem); }
          .fields { grid-template-columns: 1fr 1fr; }
          .fields > :first-child { grid-column: 1 / -1; }
          .says { grid-template-columns: minmax(0, 1fr); gap: 0; }
          .says dd { padding-bottom: .35rem; }
          .finding { padding: .7rem .8rem; }
          .finding details > :not(summary) { margin-left: .2rem; }
          .facts { gap: .5rem 1.4rem; }
        }
        @media screen { .finding { content-visibility: auto; contain-intrinsic-size: auto 9rem; } }
        @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
        @media (forced-colors: active) { svg, rect { forced-color-adjust: none; } }

        @page { margin: 16mm 14mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; } }
        @media print {
          :root { color-scheme: light; --page: #ffffff; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          html { font-size: 9.5pt; }
          body { line-height: 1.4; }
          body > header, body > nav, main { max-width: none; padding: 0; }
          nav, .skip, .filter { display: none !important; }
          .top { padding-top: 0 !important; }
          main > section { border-color: transparent; border-radius: 0; padding: 0; margin-top: 14pt; }
          main > .banner { border: 1px solid var(--line); padding: 8pt 10pt; }
          .cards { grid-template-columns: repeat(7, 1fr); gap: 4pt; }
          .cards li { padding: 3pt 5pt; }
          .cards .key { font-size: .9rem; }
          .charts { grid-template-columns: 3fr 2fr; gap: 16pt; }
          .scroll { overflow: visible; }
          .numbers .chart { min-width: 3rem; width: 16%; }
          .numbers th, .numbers td { padding: 2pt 3pt; font-size: 8pt; }
          .numbers tbody th { min-width: 6.5rem; }
          h1, h2, h3, h4, h5, figcaption, caption { break-after: avoid; }
          section > .quiet, .tags, .says, summary { break-after: avoid; }
          figure, tr, .cards, .waiver, .counts, .tags, .says, .places li, .rules li, pre { break-inside: avoid; }
          .finding { margin-top: 6pt !important; padding: 5pt 8pt; -webkit-box-decoration-break: clone;
            box-decoration-break: clone; }
          .finding details { margin-top: 3pt; }
          .system { break-before: page; }
          a { color: inherit; text-decoration: none; }
          summary { color: var(--quiet); }
          .folds { display: block; }
          .finding details::details-content, .banner details:not([data-fold])::details-content { content-visibility: visible; display: block; }
          .finding details > summary { list-style: none; }
          .finding details > summary::-webkit-details-marker { display: none; }
          details[data-fold]:not([open]) > summary::after { content: " (folded; open it before printing to have it here)";
            font-size: 8.5pt; }
        }

        """#
}
