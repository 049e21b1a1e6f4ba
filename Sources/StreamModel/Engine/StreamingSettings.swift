/// The whole settings object of the API (contract A.1). Unknown top-level fields are kept and given back.
public struct StreamingSettings: JSONModel, Confidential {
    public var transmissions: [Transmission]
    public var engine: EngineSettings
    public var cameraIngest: CameraIngestSettings
    public var events: EventSettings
    public var mqtt: MQTTSettings
    public var unknownFields: [String: JSONValue]

    /// Transmissions at most; cameras and pipelines, too.
    public static let transmissionLimit = 1000

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        transmissions = reader.objects("transmissions", limit: Self.transmissionLimit).map(Transmission.init(reading:))
        engine = reader.optionalObject("engine").map(EngineSettings.init(reading:)) ?? EngineSettings()
        cameraIngest =
            reader.optionalObject("camera_ingest").map(CameraIngestSettings.init(reading:)) ?? CameraIngestSettings()
        events = reader.optionalObject("events").map(EventSettings.init(reading:)) ?? EventSettings()
        mqtt = reader.optionalObject("mqtt").map(MQTTSettings.init(reading:)) ?? MQTTSettings()
        unknownFields = reader.unknownMembers
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["transmissions"] = .array(transmissions.map { $0.json(form) })
        members["engine"] = engine.json(form)
        members["camera_ingest"] = cameraIngest.json
        members["events"] = events.json(form)
        members["mqtt"] = mqtt.json(form)
        return .object(members)
    }
}

extension StreamingSettings {
    /// Two things that may not be the same are: the 409 answer.
    public struct Conflict: Error, Hashable, Sendable, CustomStringConvertible {
        public let message: CodedMessage
        public var description: String { message.text }
    }

    /// Checks what holds across transmissions: ids, (host, path) pairs and engine paths are unique.
    ///
    /// Two outputs of *different* transmissions on one engine path would publish over each other, so that is refused too.
    public func checkUniqueness() throws(Conflict) {
        var ids: Set<String> = []
        var paths: [String: String] = [:]
        for transmission in transmissions {
            guard ids.insert(transmission.id).inserted else {
                throw Conflict(
                    message: CodedMessage(
                        "transmission_id_twice", "Two transmissions have the id '\(transmission.id)'.",
                        ["transmission": .string(transmission.id)]))
            }
            for path in Set([transmission.path] + transmission.servedOutputs.map(\.enginePath)) {
                if let other = paths.updateValue(transmission.id, forKey: "\(transmission.hostServerID)/\(path)"),
                    other != transmission.id
                {
                    throw Conflict(
                        message: CodedMessage(
                            "path_taken",
                            "The path '\(path)' is already used by another transmission. Choose another path.",
                            ["path": .string(path)]))
                }
            }
        }
    }

    /// The settings after a `PATCH`: objects are merged, lists replaced whole, and explicit nulls ignored
    /// (contract A.2; null clears the lists `engine.webrtc_ice_servers` and `engine.webrtc_additional_hosts`).
    ///
    /// Nothing is changed when anything in the patch is wrong. Passwords that the patch leaves out are kept.
    /// - Throws: ``ValidationError`` for a wrong field, ``Conflict`` when uniqueness would break.
    public func patched(with patch: JSONValue) throws -> StreamingSettings {
        let issues = IssueList()
        let reader = ObjectReader(patch, at: ["body"], issues: issues)
        for name in ["transmissions", "engine", "camera_ingest", "events", "mqtt"] { _ = reader.value(name) }
        reader.forbidUnknownMembers()
        try issues.throwIfAny()

        var result = self
        if let list = patch["transmissions"], list != .null {
            let replacement = try StreamingSettings(json: ["transmissions": list]).transmissions
            let stored = Dictionary(transmissions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            result.transmissions = try replacement.enumerated().map { index, transmission in
                try transmission.keepingSecrets(
                    of: stored[transmission.id], at: ["body", "transmissions", .element(index)])
            }
        }
        if let engine = patch["engine"], engine != .null {
            var changes = engine
            if case .object(var members) = engine {
                for name in ["webrtc_ice_servers", "webrtc_additional_hosts"] where members[name] == .null {
                    members[name] = []
                }
                changes = .object(members)
            }
            result.engine = try EngineSettings(json: self.engine.json.merged(with: changes), at: ["body", "engine"])
                .keepingSecrets(of: self.engine)
        }
        if let ingest = patch["camera_ingest"], ingest != .null {
            result.cameraIngest = try CameraIngestSettings(
                json: cameraIngest.json.merged(with: ingest), at: ["body", "camera_ingest"])
        }
        if let events = patch["events"], events != .null {
            result.events = try EventSettings(json: self.events.json.merged(with: events), at: ["body", "events"])
                .keepingSecrets(of: self.events)
        }
        if let mqtt = patch["mqtt"], mqtt != .null {
            result.mqtt = try MQTTSettings(json: self.mqtt.json.merged(with: mqtt), at: ["body", "mqtt"])
                .keepingSecrets(of: self.mqtt)
        }
        try result.checkUniqueness()
        return result
    }
}

extension JSONValue {
    /// Objects are merged member by member, everything else is replaced, nulls are ignored.
    func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let current) = self, case .object(let changes) = patch else {
            return patch == .null ? self : patch
        }
        return .object(
            changes.reduce(into: current) { result, change in
                if change.value == .null { return }
                result[change.key] = result[change.key]?.merged(with: change.value) ?? change.value
            })
    }
}
