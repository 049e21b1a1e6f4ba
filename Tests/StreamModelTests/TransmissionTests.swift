import Foundation
import StreamModel
import Testing

@Suite("Transmissions (contract A.1)")
struct TransmissionTests {
    @Test("fields that nobody sent get the contract's defaults")
    func defaults() throws {
        let transmission = try Transmission(json: ["id": "t1", "outputs": [["protocol": "rtsp"]]])
        #expect(transmission.name == "")
        #expect(transmission.enabled)
        #expect(transmission.hostServerID == "local")
        #expect(transmission.path == "t1")
        #expect(transmission.placeholder == .gray)
        #expect(transmission.arbitration == .priorityLatest)
        #expect(transmission.cameraControls == nil)
        let output = try #require(transmission.outputs.first)
        #expect(output.enabled)
        let picture = output.picture
        #expect(picture.resolution == nil && picture.fpsLimit == nil && picture.bitrateKbps == nil)
        #expect(picture.latencyProfile == .normal)
        #expect(picture.encoder == .cpu && picture.placeholderText)
        #expect(!output.id.isEmpty)
    }

    @Test("unknown fields of transmissions and outputs survive a round trip through JSON text")
    func unknownFields() throws {
        let sent: JSONValue = [
            "id": "t1", "name": "Door", "path": "door", "colour": ["r": 1],
            "outputs": [["id": "o", "protocol": "hls", "resize_mode": "none", "x": [1, 2.5, nil]]],
        ]
        let stored = try JSONValue(parsing: Transmission(json: sent).json.data)
        let read = try Transmission(json: stored)
        #expect(read.json["colour"] == ["r": 1])
        #expect(read.outputs[0].json["x"] == [1, 2.5, nil])
        #expect(read.outputs[0].json["resize_mode"] == "none")
        #expect(try Transmission(json: read.json) == read)
    }

    @Test(
        "a wrong field is named with its place, kind and bound",
        arguments: [
            (["protocol": "mse"], "literal_error", "protocol"),
            ([:], "missing", "protocol"),
            (["protocol": "hls", "fps_limit": 121], "less_than_equal", "fps_limit"),
            (["protocol": "hls", "fps_limit": 0], "greater_than_equal", "fps_limit"),
            (["protocol": "hls", "fps_limit": 1.5], "int_from_float", "fps_limit"),
            (["protocol": "hls", "bitrate_kbps": 63], "greater_than_equal", "bitrate_kbps"),
            (["protocol": "hls", "bitrate_kbps": 250_001], "less_than_equal", "bitrate_kbps"),
            (["protocol": "hls", "enabled": "maybe"], "bool_type", "enabled"),
            (["protocol": "hls", "latency_profile": "fast"], "literal_error", "latency_profile"),
            (["protocol": "hls", "encoder": "gpu"], "literal_error", "encoder"),
            (["protocol": "hls", "placeholder_text": "maybe"], "bool_type", "placeholder_text"),
            (["protocol": "hls", "audio": "loud"], "literal_error", "audio"),
            (["protocol": "hls", "id": 5], "string_type", "id"),
        ] as [(JSONValue, String, String)])
    func wrongOutput(output: JSONValue, type: String, field: String) {
        let error = #expect(throws: ValidationError.self) { try Transmission(json: ["id": "t", "outputs": [output]]) }
        #expect(error?.issues.first?.type == type)
        #expect(error?.issues.first?.location == ["body", "outputs", 0, .member(field)])
    }

    @Test("every wrong field is named at once")
    func allIssues() {
        let error = #expect(throws: ValidationError.self) {
            try Transmission(json: [
                "enabled": 7, "placeholder": "blue", "outputs": [["protocol": "x"], 3],
                "camera_controls": ["enabled": true],
            ])
        }
        #expect(error?.issues.count == 5)
        #expect(error?.description.contains("camera_id is required when camera_controls.enabled is true") == true)
    }

    @Test("there are at most 32 outputs, and more are refused by their number alone")
    func outputLimit() throws {
        func transmission(_ count: Int) throws -> Transmission {
            try Transmission(
                json: ["id": "t", "outputs": .array((0..<count).map { ["id": .string("o\($0)"), "protocol": "hls"] })])
        }
        #expect(try transmission(32).outputs.count == 32)
        let error = #expect(throws: ValidationError.self) { try transmission(33) }
        #expect(error?.issues.map(\.type) == ["too_long"])
        #expect(error?.issues.first?.message == "List should have at most 32 items, not 33")
    }

    @Test("creating needs a name and a path, and refuses an id and unknown fields")
    func creating() throws {
        let missing = #expect(throws: ValidationError.self) { try Transmission.creating(from: [:]) }
        #expect(missing?.issues.map(\.type) == ["missing", "missing"])
        let refused = #expect(throws: ValidationError.self) {
            try Transmission.creating(from: ["name": "a", "path": "a", "id": "x", "foo": 1])
        }
        #expect(refused?.issues.allSatisfy { $0.type == "extra_forbidden" } == true)
        #expect(refused?.issues.count == 2)
        let created = try Transmission.creating(from: ["name": " Front Door ", "path": "Front Door"])
        #expect(created.path == "front-door" && created.name == "Front Door")
        #expect(UUID(uuidString: created.id) != nil)
    }

    @Test("output ids are unique within a transmission")
    func outputIDs() {
        #expect(throws: ValidationError.self) {
            try Transmission(json: ["outputs": [["id": "a", "protocol": "hls"], ["id": "a", "protocol": "rtsp"]]])
        }
    }

    @Test("passwords are shown to nobody, kept when left out, replaced when given, cleared when empty")
    func passwords() throws {
        func transmission(_ authentication: JSONValue) throws -> Transmission {
            try Transmission(json: [
                "id": "t", "outputs": [["id": "o", "protocol": "hls", "authentication": authentication]],
            ])
        }
        let stored = try transmission(["enabled": true, "username": "u", "password": "s3cret"])
        #expect(
            stored.publicJSON["outputs"]?.arrayValue?[0]["authentication"] == [
                "enabled": true, "username": "u", "password_set": true,
            ])
        #expect(!"\(stored)".contains("s3cret"))
        var dumped = ""
        dump(stored, to: &dumped)
        #expect(!dumped.contains("s3cret"))

        let echoed = try Transmission(json: stored.publicJSON).keepingSecrets(of: stored)
        #expect(echoed.outputs[0].authentication?.password?.exposed == "s3cret")
        let null = try transmission(["enabled": true, "username": "u", "password": nil]).keepingSecrets(of: stored)
        #expect(null.outputs[0].authentication?.password?.exposed == "s3cret")
        let new = try transmission(["enabled": true, "username": "u", "password": "new"]).keepingSecrets(of: stored)
        #expect(new.outputs[0].authentication?.password?.exposed == "new")
        let cleared = try transmission(["enabled": true, "username": "u", "password": ""]).keepingSecrets(of: stored)
        #expect(cleared.outputs[0].authentication?.password == nil)
        #expect(cleared.outputs[0].authentication?.isInForce == false)
    }

    @Test("a validation answer does not repeat a password")
    func issuesHideSecrets() {
        let error = #expect(throws: ValidationError.self) {
            try Transmission(json: [
                "outputs": [["authentication": ["enabled": true, "password": "s3cret", "extra": 1]]]
            ])
        }
        let text = String(decoding: JSONValue.array(error?.issues.map(\.json) ?? []).data, as: UTF8.self)
        #expect(!text.contains("s3cret"))
        #expect(text.contains("Field required"))
    }
}
