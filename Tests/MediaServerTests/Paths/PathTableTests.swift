import EngineContract
import Testing

@testable import MediaServer

@Suite struct PathTableTests {
    private func table() throws -> PathTable {
        var camera = PathConfiguration()
        camera.maxReaders = 1
        var pattern = PathConfiguration()
        pattern.maxReaders = 2
        var others = PathConfiguration()
        others.maxReaders = 3
        return try PathTable(["front-door": camera, "~^cam([0-9]+)$": pattern, "all_others": others])
    }

    @Test func ownNameThenPatternThenAllOthers() throws {
        let table = try table()
        #expect(table.entry(for: "front-door")?.configuration.maxReaders == 1)
        #expect(table.entry(for: "cam12")?.configuration.maxReaders == 2)
        #expect(table.entry(for: "cam12")?.groups == ["12"])
        #expect(table.entry(for: "cam12")?.configurationName == "~^cam([0-9]+)$")
        #expect(table.entry(for: "else/where")?.configuration.maxReaders == 3)
        #expect(table.staticNames == ["front-door"])
    }

    @Test func unknownNamesHaveNoEntry() throws {
        #expect(try PathTable(["a": PathConfiguration()]).entry(for: "b") == nil)
    }

    @Test func aNameIsGivenSettingsAndLosesThem() throws {
        var table = try table()
        var other = PathConfiguration()
        other.maxReaders = 7
        try table.set("cam12", other)
        #expect(table.entry(for: "cam12")?.configurationName == "cam12")
        #expect(table.staticNames == ["cam12", "front-door"])
        try table.set("cam12", nil)
        #expect(table.entry(for: "cam12")?.groups == ["12"])
        try table.set("~^a", other)
        #expect(table.entry(for: "ab")?.configuration.maxReaders == 7)
        #expect(throws: PathRegexError.self) { try table.set("~(", other) }
        #expect(table.configurations["~("] == nil && table.entry(for: "ab")?.configurationName == "~^a")
        try table.set("~^a", nil)
        #expect(table.entry(for: "ab")?.configurationName == "all_others")
    }

    @Test func whereViewersOfABadLineGoClosesNoPath() throws {
        var table = try table()
        let before = try #require(table.entry(for: "front-door"))
        var changed = before.configuration
        changed.webrtcLowerPath = "front-door-small"
        try table.set("front-door", changed)
        let after = try #require(table.entry(for: "front-door"))
        #expect(after != before && after.kept == before.kept)
        changed.maxReaders = 9
        try table.set("front-door", changed)
        #expect(table.entry(for: "front-door")?.kept != before.kept)
    }

    @Test func badPatternIsRefused() {
        #expect(throws: PathRegexError.self) { try PathTable(["~(": PathConfiguration()]) }
        #expect(throws: PathRegexError.self) {
            try PathTable(["~" + String(repeating: "a", count: 300): PathConfiguration()])
        }
    }
}

@Suite struct HookCommandTests {
    /// The splitting is that of POSIX shells (XCU 2.2) without expansion.
    @Test(arguments: [
        ("/bin/true", ["/bin/true"]),
        ("  a  b\tc ", ["a", "b", "c"]),
        (
            "'/opt/my app/run' demand-hook --socket \"/run/a b.sock\"",
            ["/opt/my app/run", "demand-hook", "--socket", "/run/a b.sock"]
        ),
        (#"a\ b 'c\d' "e\"f""#, ["a b", #"c\d"#, "e\"f"]),
        ("a '' b", ["a", "", "b"]),
        ("x'y'z", ["xyz"]),
        ("a;b && c | d > e", ["a;b", "&&", "c", "|", "d", ">", "e"]),
    ])
    func splits(text: String, words: [String]) throws {
        #expect(try HookCommand(text).words == words)
    }

    @Test(arguments: ["", "  ", "''", "a 'b", "a \"b", "a \\"])
    func malformed(text: String) {
        #expect(throws: HookCommandError.self) { try HookCommand(text) }
    }

    @Test func expandsOnlyItsOwnVariables() throws {
        let command = try HookCommand("run $MTX_PATH ${G1}x $G10 $HOME '$MTX_PATH; rm'")
        let expanded = command.expanding(["MTX_PATH": "a b", "G1": "1", "G10": "ten"])
        #expect(expanded.words == ["run", "a b", "1x", "ten", "$HOME", "a b; rm"])
    }
}
