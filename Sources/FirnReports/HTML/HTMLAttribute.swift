/// An attribute of an element. Its name is one of those below, so that no text of a report becomes an event handler, a
/// style or an address.
struct HTMLAttribute {
    let name: StaticString
    let value: String?

    private init(_ name: StaticString, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// The place other parts of the page link to.
    static func id(_ anchor: HTMLAnchor) -> HTMLAttribute { HTMLAttribute("id", anchor.name) }

    /// A link to a place in the page.
    static func link(_ anchor: HTMLAnchor) -> HTMLAttribute { HTMLAttribute("href", "#" + anchor.name) }

    /// A link to a page elsewhere, which the reader may follow.
    static func link(_ address: HTMLAddress) -> HTMLAttribute { HTMLAttribute("href", address.text) }

    /// A page elsewhere does not learn where the reader came from.
    static let noReferrer = HTMLAttribute("rel", "noreferrer noopener")

    /// How it looks.
    static func style(_ names: HTMLClass...) -> HTMLAttribute {
        HTMLAttribute("class", names.map(\.rawValue).joined(separator: " "))
    }

    /// What a screen reader calls it.
    static func label(_ text: String) -> HTMLAttribute { HTMLAttribute("aria-label", text) }

    /// The element whose text a screen reader calls it by.
    static func labelled(by anchor: HTMLAnchor) -> HTMLAttribute { HTMLAttribute("aria-labelledby", anchor.name) }

    /// A head of columns.
    static let columnHead = HTMLAttribute("scope", "col")
    /// A head of a row.
    static let rowHead = HTMLAttribute("scope", "row")
    /// Not shown; script may show it.
    static let hidden = HTMLAttribute("hidden", nil)
    /// Folded out.
    static let open = HTMLAttribute("open", nil)
    /// Can be reached by key, such as a region that scrolls.
    static let focusable = HTMLAttribute("tabindex", "0")
    /// A region that scrolls by itself.
    static let region = HTMLAttribute("role", "region")
    /// A form that searches the page.
    static let search = HTMLAttribute("role", "search")
    /// Read out when it changes, after what is being read.
    static let polite = HTMLAttribute("aria-live", "polite")
    /// A picture with a text of its own.
    static let image = HTMLAttribute("role", "img")

    /// The kind of an input or button.
    static func type(_ type: StaticString) -> HTMLAttribute { HTMLAttribute("type", "\(type)") }

    /// What an input is for.
    static func label(for anchor: HTMLAnchor) -> HTMLAttribute { HTMLAttribute("for", anchor.name) }

    /// What an option stands for.
    static func value(_ text: String) -> HTMLAttribute { HTMLAttribute("value", text) }

    /// No suggestions of the browser.
    static let noCompletion = HTMLAttribute("autocomplete", "off")

    /// An entry the filter knows: outcome, severity, sources, family.
    static func entry(_ entry: HTMLEntry) -> HTMLAttribute { HTMLAttribute("data-i", entry.text) }

    /// Hidden by the filter when it has no entry left to show.
    static let group = HTMLAttribute("data-g", nil)

    /// Folded lists the filter opens when it finds something inside.
    static let fold = HTMLAttribute("data-fold", nil)

    /// The count a reader of the document's source finds: outcome and number of results.
    static func count(_ number: Int) -> HTMLAttribute { HTMLAttribute("data-count", String(number)) }

    /// The second after which it is shown.
    static func until(_ seconds: Int64) -> HTMLAttribute { HTMLAttribute("data-until", String(seconds)) }

    /// The drawing's own coordinates, stretched to the width there is.
    static func view(width: Int, height: Int) -> [HTMLAttribute] {
        [
            HTMLAttribute("viewBox", "0 0 \(width) \(height)"), HTMLAttribute("preserveAspectRatio", "none"),
        ]
    }

    /// Where a rectangle is.
    static func frame(x: Int, width: Int, height: Int) -> [HTMLAttribute] {
        [
            HTMLAttribute("x", String(x)), HTMLAttribute("width", String(width)),
            HTMLAttribute("height", String(height)),
        ]
    }
}

/// The names the style sheet knows.
enum HTMLClass: String {
    case skip, top, facts, banner, cards, card, nav, charts, chart, bars, bar, counts, key, scroll, numbers, heat1,
        heat2, heat3
    case heat4, severity, finding, rule, tags, says, folds, source, waiver, places, fixes, reason, rules, fold, quiet,
        small, more
    case good, bad, warn, verdict, system, layers, marked, filter, fields, buttons, words, hash, expired, passes, rest,
        bare
    case pass, fail, waived, unknown, error, notApplicable, notChecked
    case critical, high, medium, low, info
}

/// The address of a page elsewhere: only https, and only characters RFC 3986 allows unescaped.
struct HTMLAddress {
    let text: String

    init?(_ text: String) {
        let marks = Set("-._~:/?#[]@!$()*+,;=%".utf8)
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || marks.contains(byte)
        }
        guard text.hasPrefix("https://"), isPlain else { return nil }
        self.text = text
    }
}

/// What the filter knows of an entry, in one attribute: outcome, severity and sources hold no blank; the family is last.
struct HTMLEntry {
    let text: String

    init(_ outcome: String, _ severity: String, _ sources: [String], _ family: String) {
        text = outcome + " " + severity + " " + sources.joined(separator: ",") + " " + family
    }
}
