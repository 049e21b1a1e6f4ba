import ControlPlane
import StreamModel
import Testing

@testable import WebServer

@Suite("Schemas say what is read and what is answered")
struct SchemaTests {
    /// Resolves references and the null beside a schema.
    private func resolved(_ schema: JSONValue) -> [JSONValue] {
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
            return resolved(Schemas.all[String(name)] ?? .null)
        }
        if let options = schema["anyOf"]?.arrayValue { return options.flatMap(resolved) }
        return [schema]
    }

    /// Whether an answer has just the members that its schema has, however deep: what requests alone send is no member of it.
    private func check(_ value: JSONValue, against schema: JSONValue, at place: String) throws {
        if let members = value.objectValue {
            let object = try #require(resolved(schema).first { $0["type"] == "object" }, "\(place)")
            // Anything may be in it.
            guard let properties = object["properties"]?.objectValue, !properties.isEmpty else { return }
            let shown = properties.filter { $0.value["writeOnly"] != true }
            #expect(Set(members.keys) == Set(shown.keys), "\(place)")
            for (name, member) in members { try check(member, against: shown[name] ?? [:], at: "\(place).\(name)") }
        } else if let elements = value.arrayValue {
            let list = try #require(resolved(schema).first { $0["type"] == "array" }, "\(place)")
            for element in elements { try check(element, against: list["items"] ?? .null, at: place + "[]") }
        }
    }

    @Test("what is configured is answered with the members that its schema has, no more and no fewer")
    func answers() throws {
        let settings = try StreamingSettings(json: [
            "engine": ["webrtc_ice_servers": [["url": "turn:t.example", "username": "u", "password": "p"]]],
            "transmissions": [
                [
                    "path": "a", "group": "Garden", "camera_controls": ["enabled": true, "camera_id": "c"],
                    "outputs": [
                        [
                            "protocol": "hls", "resolution": ["width": 640, "height": 360],
                            "authentication": ["username": "u", "password": "p"], "path": "b", "resize_mode": "contain",
                        ]
                    ],
                    "destinations": [
                        [
                            "kind": "srt", "address": "srt://host:9000", "srt_passphrase": "correct horse",
                            "resolution": ["width": 640, "height": 360],
                        ]
                    ],
                ]
            ],
        ])
        try check(settings.publicJSON, against: Schema.reference("Settings"), at: "settings")
        let camera = try Camera(json: ["name": "x", "url": "demo:"])
        try check(camera.publicJSON, against: Schema.reference("Camera"), at: "camera")
        let wizard = try WizardRequest(json: ["transmission_id": "t", "camera_id": "c", "preset_id": "simple_stream"])
        let pipeline = Pipeline(name: "p", graph: wizard.graph(cameraID: "c"))
        try check(pipeline.json, against: Schema.reference("Pipeline"), at: "pipeline")
    }

    @Test("a shape is what reading asks for")
    func shape() {
        enum Colour: String, CaseIterable { case red, green }
        let shape = ObjectShape { reader in
            _ = reader.requiredString("name")
            _ = reader.string("name", default: "")
            _ = reader.optionalInteger("count", in: 1...5)
            let colour: Colour = reader.choice("colour", default: .red)
            if colour == .green { _ = reader.bool("never", default: true) }
            _ = reader.optionalSecret("password")
            reader.ignoreBool("password_set")
            for part in reader.objects("parts") {
                _ = part.requiredInteger("size", in: 0...9)
                part.forbidUnknownMembers()
            }
        }
        #expect(
            Schema.object(shape) == [
                "type": "object", "required": ["name"], "additionalProperties": true,
                "properties": [
                    "name": ["type": "string"],
                    "count": ["anyOf": [["type": "integer", "minimum": 1, "maximum": 5], ["type": "null"]]],
                    "colour": ["type": "string", "enum": ["red", "green"]],
                    "password": ["type": ["string", "null"], "writeOnly": true, "format": "password"],
                    "password_set": ["type": "boolean", "readOnly": true],
                    "parts": [
                        "type": "array",
                        "items": [
                            "type": "object", "required": ["size"], "additionalProperties": false,
                            "properties": ["size": ["type": "integer", "minimum": 0, "maximum": 9]],
                        ],
                    ],
                ],
            ])
    }

    @Test("what only some requests send is described as it is read")
    func requests() {
        let wizard = Schemas.all["WizardRequest"]
        #expect(wizard?["required"] == ["camera_id", "preset_id", "transmission_id"])
        #expect(wizard?["additionalProperties"] == false)
        let camera = Schemas.all["CameraCreate"]
        #expect(camera?["required"] == ["name", "url"])
        #expect(camera?["properties"]?["password"]?["writeOnly"] == true)
        #expect(camera?["properties"]?["id"] == nil && camera?["properties"]?["password_set"] == nil)
        let transmission = Schemas.all["TransmissionCreate"]
        #expect(transmission?["required"] == ["name", "path"] && transmission?["additionalProperties"] == false)
    }
}
