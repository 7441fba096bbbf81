/// What every page brings along: its policy, style and script. They are the same for every report, so that the policy
/// can name them by digest and nothing else can run or style the page.
enum HTMLAssets {
    /// Content Security Policy Level 3: nothing is fetched, no form is sent, no other script or style counts. The
    /// digests are SHA-256 of `style` and `script`; a test computes them.
    static let policy: StaticString = #"""
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-9s72Kclmxi/cKAHp+cXy8xs32pdzCxpWH4CZAgyt5xo='; script-src 'sha256-UPFtIQX9jEnWscefHzSMEBKiqKT0mb+fAWUaC9XY2xc='; base-uri 'none'; form-action 'none'">

        """#
}
