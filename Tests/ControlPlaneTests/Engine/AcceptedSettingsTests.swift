import EngineContract
import StreamModel
import TestSupport
import Testing

@testable import ControlPlane

/// What users' settings may be, the engine must take: it refuses a whole file for one wrong name.
@Suite struct AcceptedSettingsTests {
    private let builder = EngineConfigurationBuilder(
        apiUser: "us", apiPassword: Secret("secret"), reader: .random(),
        publishSecret: Array(0...31), demandHook: "hook")
    private let ports = PortAssignment(
        ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: [])

    @Test func whateverIsAcceptedIsAConfigurationThatIsReadBackTheSame() throws {
        var random = SeededGenerator(seed: 20_261_125)
        var accepted = 0
        for _ in 0..<600 {
            let patch: JSONValue = [
                "transmissions": .array((0..<2).map { _ in random.transmission() }),
                "engine": [
                    "webrtc_ice_servers": random.chance(4) ? [.string("stun:" + random.text(longest: 30))] : [],
                    "webrtc_additional_hosts": random.chance(4) ? [.string(random.text(longest: 260))] : [],
                ],
            ]
            guard let settings = try? StreamingSettings().patched(with: patch) else { continue }
            accepted += 1
            var stored = StoredConfiguration()
            stored.settings = settings
            let configuration = builder.configuration(for: EngineGoal(stored), ports: ports)
            #expect(throws: Never.self, "\(patch)") { try configuration.validate() }
            let (read, unknown) = try EngineConfiguration.parse(yaml: configuration.yaml)
            #expect(read == configuration && unknown.isEmpty, "\(patch)")
            for path in configuration.paths.keys { #expect(!["all", "all_others"].contains(path), "\(patch)") }
        }
        #expect((30..<570).contains(accepted), "the samples say something: \(accepted)")
    }

    @Test(arguments: [("path", 512, true), ("path", 513, false), ("output", 513, false), ("id", 250, true)])
    func aPathHasAtMost512Characters(place: String, length: Int, isAccepted: Bool) throws {
        let long = String(repeating: "x", count: length)
        var output: [String: JSONValue] = ["id": "o", "protocol": "hls"]
        if place == "output" { output["path"] = .string(long) }
        if place == "id" { output["id"] = .string(long) }
        let body: JSONValue = [
            "name": "x", "path": .string(place == "path" ? long : "x"), "outputs": [.object(output)],
        ]
        #expect(((try? Transmission.creating(from: body)) != nil) == isAccepted)
    }

    @Test func twoLongNamesTogetherAreRefusedToo() {
        let long = String(repeating: "x", count: 500)
        let body: JSONValue = [
            "name": "x", "path": .string(long),
            "outputs": [
                ["id": "long-enough-to-matter", "protocol": "hls", "bitrate_kbps": 100],
                ["id": "b", "protocol": "hls", "bitrate_kbps": 200],
            ],
        ]
        let error = #expect(throws: ValidationError.self) { try Transmission.creating(from: body) }
        #expect(error?.issues.first?.message.contains("long-enough-to-matter") == true)
    }

    @Test(arguments: ["all", "all_others", " ALL_OTHERS-"])
    func namesThatMeanEveryPathAreRefused(path: String) {
        let error = #expect(throws: ValidationError.self) {
            try Transmission.creating(from: ["name": "x", "path": .string(path)])
        }
        #expect(error?.issues.first?.location == ["body", "path"])
    }
}

extension SeededGenerator {
    /// True once in so many times.
    fileprivate mutating func chance(_ times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    private static let pieces = [
        "a", "B", "7", "-", "_", ".", "..", "/", "~", "^", "$", " ", "\n", "\u{0}", "\u{7f}", "\u{2028}", "é", "ß", "ı",
        "漢", "🎥", "👨‍👩‍👧", "e\u{301}\u{301}", "\"", "'", "\\", ":", "#", "{", "%", "@", "all", "all_others", "test", "null",
        "yes", "0x1F", "1e3",
    ]

    fileprivate mutating func text(longest: Int) -> String {
        let length = chance(16) ? longest : Int.random(in: 1...8, using: &self)
        let pieces = chance(4) ? Self.pieces : Array(Self.pieces.prefix(5)) + Array(Self.pieces.suffix(9))
        return (0..<length).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
    }

    fileprivate mutating func transmission() -> JSONValue {
        let outputs = (0..<Int.random(in: 0...3, using: &self)).map { _ -> JSONValue in
            var output: [String: JSONValue] = [
                "id": .string(text(longest: 300)), "protocol": "webrtc",
                "bitrate_kbps": .integer(Int.random(in: 64...70, using: &self)),
            ]
            if chance(3) { output["path"] = .string(text(longest: 600)) }
            if chance(3) {
                output["authentication"] = [
                    "enabled": true, "username": .string(text(longest: 40)), "password": .string(text(longest: 40)),
                ]
            }
            return .object(output)
        }
        return [
            "id": .string(text(longest: 300)), "name": .string(text(longest: 300)),
            "path": .string(text(longest: 600)), "outputs": .array(outputs),
        ]
    }
}
