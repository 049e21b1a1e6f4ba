import Foundation

/// What a transmission shows while no writer has a fresh frame.
public enum PlaceholderStyle: String, CaseIterable, Codable, Sendable {
    case gray, black
}

/// How one of several writers is chosen (reference: "Arbitration modes").
public enum Arbitration: String, CaseIterable, Codable, Sendable {
    /// The writer with the most recent frame; priority breaks ties.
    case latest
    /// The writer with the highest priority, then the most recent frame.
    case priorityLatest = "priority_latest"
}

/// The camera whose movements viewers of a transmission may control.
public struct CameraControls: Hashable, Sendable {
    public var enabled: Bool
    public var cameraID: String?

    init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: false)
        cameraID = reader.optionalString("camera_id").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        reader.forbidUnknownMembers()
        if enabled && cameraID == nil {
            reader.report(
                CodedMessage(
                    "camera_controls_without_camera",
                    "Value error, camera_id is required when camera_controls.enabled is true"))
        }
    }

    var json: JSONValue { ["enabled": .bool(enabled), "camera_id": JSONValue(cameraID)] }
}

/// A stream that pipelines write frames into and that viewers watch through its outputs (contract A.1).
///
/// Fields that we do not know are kept and given back.
public struct Transmission: JSONModel, Confidential, Identifiable {
    public var id: String
    public var name: String
    public var enabled: Bool
    /// What pages show it together with, such as `Garden`; empty when it belongs to no group.
    public var group: String
    /// The server that encodes and serves it: `local` or the id of a processing server.
    public var hostServerID: String
    /// The slug that names it in URLs.
    public var path: String
    public var placeholder: PlaceholderStyle
    public var arbitration: Arbitration
    public var cameraControls: CameraControls?
    public var outputs: [TransmissionOutput]
    /// Where it is sent beside that.
    public var destinations: [StreamDestination]
    public var createdAt: Date
    public var updatedAt: Date
    public var unknownFields: [String: JSONValue]

    /// Characters of a group's name at most.
    static let groupLimit = 60
    /// Outputs of one transmission at most.
    public static let outputLimit = 32
    /// Destinations of one transmission at most.
    public static let destinationLimit = 16

    public init(reading reader: ObjectReader) {
        self.init(reading: reader, id: reader.optionalID(), path: reader.string("path", default: ""))
    }

    private init(reading reader: ObjectReader, id givenID: String?, path givenPath: String) {
        let id = givenID ?? UUID().uuidString.lowercased()
        self.id = id
        name = reader.string("name", default: "").trimmed
        reader.checkName(name)
        enabled = reader.bool("enabled", default: true)
        group = (reader.optionalString("group") ?? "").trimmed
        if group.count > Self.groupLimit {
            reader.report(
                CodedMessage(
                    "group_too_long", "A group's name has \(Self.groupLimit) characters at most.",
                    ["maximum": .integer(Self.groupLimit)]), at: "group")
        }
        hostServerID = ServerID.normalize(reader.string("host_server_id", default: ServerID.local))
        path = Slug.make(givenPath, fallback: Slug.make(id, fallback: "test"))
        placeholder = reader.choice("placeholder", default: .gray)
        arbitration = reader.choice("arbitration", default: .priorityLatest)
        cameraControls = reader.optionalObject("camera_controls").map(CameraControls.init(reading:))
        outputs = reader.objects("outputs", limit: Self.outputLimit).map(TransmissionOutput.init(reading:))
        destinations = reader.objects("destinations", limit: Self.destinationLimit).map(
            StreamDestination.init(reading:))
        let now = Timestamp.now()
        createdAt = reader.optionalString("created_at").flatMap(Timestamp.parse) ?? now
        updatedAt = reader.optionalString("updated_at").flatMap(Timestamp.parse) ?? now
        unknownFields = reader.unknownMembers
        var seen: Set<String> = []
        for output in outputs where !seen.insert(output.id).inserted {
            reader.report(
                CodedMessage(
                    "output_id_twice", "Value error, output id '\(output.id)' is used twice in this transmission",
                    ["output": .string(output.id)]), at: "outputs")
        }
        seen = []
        for destination in destinations where !seen.insert(destination.id).inserted {
            reader.report(
                CodedMessage(
                    "destination_id_twice",
                    "Value error, destination id '\(destination.id)' is used twice in this transmission",
                    ["destination": .string(destination.id)]), at: "destinations")
        }
        checkPaths(reader)
    }

    /// What is accepted here, the engine has to accept: it refuses a whole file for one path.
    private func checkPaths(_ reader: ObjectReader) {
        if let problem = PathName.problem(withStream: path) { return reader.report(problem, at: "path") }
        // The first output of a path decides about the picture.
        var shared: [String: VideoSettings] = [:]
        for output in resolvedOutputs {
            guard let video = shared[output.enginePath] else {
                shared[output.enginePath] = output.encoding.video
                continue
            }
            guard let problem = output.protocol.objection(to: video) else { continue }
            let id = String(output.outputID.prefix(40))
            reader.report(
                CodedMessage(
                    "output_shares_path",
                    "The output '\(id)' can't share the path '\(output.enginePath)'. \(problem.text)",
                    ["output": .string(id), "path": .string(output.enginePath), "problem": problem.json]),
                at: "outputs")
        }
        for output in resolvedOutputs {
            guard let problem = PathName.problem(withStream: output.enginePath) else { continue }
            let id = String(output.outputID.prefix(40))
            reader.report(
                CodedMessage(
                    "output_path", "The path of the output '\(id)' can't be used. \(problem.text)",
                    ["output": .string(id), "problem": problem.json]), at: "outputs")
        }
    }

    /// Reads the body of `POST /transmissions`, which names no id, requires a name and a path, and refuses unknown fields.
    public static func creating(from json: JSONValue) throws(ValidationError) -> Transmission {
        let issues = IssueList()
        let transmission = creating(reading: ObjectReader(json, at: ["body"], issues: issues))
        try issues.throwIfAny()
        return transmission
    }

    /// That of the body of `POST /transmissions`.
    public static let creationShape = ObjectShape { _ = creating(reading: $0) }

    private static func creating(reading reader: ObjectReader) -> Transmission {
        if reader.requiredString("name").trimmed.isEmpty, reader.has("name") {
            reader.report(CodedMessage("transmission_unnamed", "Give the transmission a name."), at: "name")
        }
        let transmission = Transmission(reading: reader, id: nil, path: reader.requiredString("path"))
        let managed = ["id", "created_at", "updated_at"].filter(reader.has)
        for name in Set(transmission.unknownFields.keys).union(managed).sorted() {
            reader.report(.unknownField, at: name, type: "extra_forbidden")
        }
        return transmission
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["id"] = .string(id)
        members["name"] = .string(name)
        members["enabled"] = .bool(enabled)
        // The reference has neither groups nor destinations: what has none looks as there.
        if !group.isEmpty { members["group"] = .string(group) }
        members["host_server_id"] = .string(hostServerID)
        members["path"] = .string(path)
        members["placeholder"] = .string(placeholder.rawValue)
        members["arbitration"] = .string(arbitration.rawValue)
        members["camera_controls"] = cameraControls?.json ?? .null
        members["outputs"] = .array(outputs.map { $0.json(form) })
        if !destinations.isEmpty { members["destinations"] = .array(destinations.map { $0.json(form) }) }
        members["created_at"] = .string(Timestamp.format(createdAt))
        members["updated_at"] = .string(Timestamp.format(updatedAt))
        return .object(members)
    }

    /// The transmission with the secrets that an update left out taken from what is stored, output by output and destination by
    /// destination.
    ///
    /// - Parameter location: where it stands in the request.
    /// - Throws: ``ValidationError`` when a mask is left in an address.
    public func keepingSecrets(
        of stored: Transmission?, at location: [LocationComponent] = ["body"]
    ) throws(ValidationError) -> Transmission {
        var result = self
        for (index, destination) in destinations.enumerated() {
            result.destinations[index] = try destination.keepingSecrets(
                of: stored?.destinations.first { $0.id == destination.id },
                at: location + ["destinations", .element(index)])
        }
        for index in result.outputs.indices {
            let id = result.outputs[index].id
            let storedOutput = stored?.outputs.first { $0.id == id }
            result.outputs[index].authentication?.keepPassword(of: storedOutput?.authentication)
        }
        return result
    }

    /// The outputs that are switched on.
    public var enabledOutputs: [TransmissionOutput] { outputs.filter(\.enabled) }

    /// The destinations that it is sent to now.
    public var activeDestinations: [StreamDestination] { destinations.filter(\.active) }
}

/// The names of servers in a distributed set-up.
public enum ServerID {
    /// The server itself.
    public static let local = "local"

    /// Trims and lower-cases; empty becomes `local`.
    public static func normalize(_ text: String) -> String {
        let id = text.trimmed.lowercased()
        return id.isEmpty ? local : id
    }
}
