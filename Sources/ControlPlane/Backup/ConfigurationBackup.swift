import Foundation
import StreamModel

/// Everything that users set up, as one document: settings, cameras, pipelines and transmissions. Accounts are no part of it,
/// so that a file that is passed on lets nobody in, and one that is brought back shuts nobody out.
struct ConfigurationBackup {
    static let format = "toposync-streaming-backup"
    static let formatVersion = 1

    /// What it holds of settings and transmissions, as a patch.
    private var settings: JSONValue
    private var cameras: [JSONValue]
    private var pipelines: [JSONValue]
    var createdAt: String?
    var productVersion: String?
    var containsSecrets: Bool

    /// The document of what is stored.
    ///
    /// - Parameter secrets: whether passwords are in it; without them it can be passed on.
    static func document(
        of stored: StoredConfiguration, secrets: Bool, productVersion: String, createdAt: Date
    ) -> JSONValue {
        var settings = (secrets ? stored.settings.json : stored.settings.publicJSON).objectValue ?? [:]
        // For many services, a webhook's address is what lets somebody in. A restore leaves those that are there then.
        if !secrets, var events = settings["events"]?.objectValue {
            events["webhooks"] = nil
            settings["events"] = .object(events)
        }
        let transmissions = settings.removeValue(forKey: "transmissions") ?? []
        return [
            "format": .string(format), "format_version": .integer(formatVersion),
            "product_version": .string(productVersion), "created_at": .string(Timestamp.format(createdAt)),
            "contains_secrets": .bool(secrets), "settings": .object(settings), "transmissions": transmissions,
            "cameras": .array(stored.cameras.map { secrets ? $0.json : $0.publicJSON }),
            "pipelines": .array(stored.pipelines.map(\.json)),
        ]
    }

    /// - Throws: ``ValidationError`` for something that is no such document, or one of a newer version.
    init(_ json: JSONValue, at location: [LocationComponent]) throws(ValidationError) {
        guard json["format"]?.stringValue == Self.format, let version = json["format_version"]?.integerValue else {
            throw ValidationError(
                CodedMessage("backup_of_others", "This is no backup of Toposync Streaming."), at: location)
        }
        guard version <= Self.formatVersion else {
            throw ValidationError(
                CodedMessage(
                    "backup_newer",
                    "This backup was made by a newer version of Toposync Streaming. Update the program first."),
                at: location)
        }
        guard var settings = json["settings"]?.objectValue, let transmissions = json["transmissions"]?.arrayValue,
            let cameras = json["cameras"]?.arrayValue, let pipelines = json["pipelines"]?.arrayValue
        else {
            throw ValidationError(
                CodedMessage("backup_incomplete", "The backup is not complete: a part of it is missing."), at: location)
        }
        settings["transmissions"] = .array(transmissions)
        self.settings = .object(settings)
        self.cameras = cameras
        self.pipelines = pipelines
        createdAt = json["created_at"]?.stringValue
        productVersion = json["product_version"]?.stringValue
        containsSecrets = json["contains_secrets"] == true
    }

    /// What is stored once this has taken the place of what is stored now. Passwords that are not in the backup are those of
    /// now, for the same things.
    ///
    /// - Throws: when anything in it is wrong; nothing of it may be used then.
    func applied(
        to stored: StoredConfiguration, mediaRoots: MediaRoots
    ) throws -> (configuration: StoredConfiguration, notes: [CodedMessage]) {
        var result = StoredConfiguration()
        result.revision = stored.revision
        result.settings = try stored.settings.patched(with: settings)
        result.cameras = try cameras.enumerated().map { index, json in
            try inPlace(["cameras", .element(index)]) {
                let camera = try Camera(json: json).readable(mediaRoots)
                return try camera.keepingSecrets(of: stored.camera(camera.id))
            }
        }
        result.pipelines = try pipelines.enumerated().map { index, json in
            try inPlace(["pipelines", .element(index)]) { try Pipeline(json: json) }
        }
        try checkIDs(result.cameras.map(\.id), "cameras")
        try result.checkInputs()
        try checkIDs(result.pipelines.map(\.id), "pipelines")
        for transmission in result.transmissions { try StreamingService.checkHost(transmission.hostServerID) }
        for (index, pipeline) in result.pipelines.enumerated() {
            try inPlace(["pipelines", .element(index)]) { try result.check(pipeline) }
        }
        let notes =
            lockTransmissionsWithoutPassword(&result) + giveInputsKeys(&result) + camerasWithoutPassword(result)
        return (result, notes)
    }

    private func checkIDs(_ ids: [String], _ things: String) throws {
        guard ids.count <= StreamingSettings.transmissionLimit else {
            throw ControlPlaneError.conflict(
                CodedMessage(
                    "backup_too_large", "There are \(ids.count) \(things) in the backup, which is too many.",
                    ["number": .integer(ids.count), "maximum": .integer(StreamingSettings.transmissionLimit)]))
        }
        guard Set(ids).count == ids.count else {
            throw ControlPlaneError.conflict(
                CodedMessage("backup_same_id", "Two \(things) in the backup have the same id."))
        }
    }

    /// Says of a wrong field where in the backup it stands.
    private func inPlace<Result>(_ place: [LocationComponent], _ read: () throws -> Result) throws -> Result {
        do {
            return try read()
        } catch let error as ValidationError {
            throw ValidationError(
                error.issues.map { issue in
                    var issue = issue
                    issue.location = ["body", "backup"] + place + issue.location.drop { $0 == "body" }
                    return issue
                })
        }
    }

    // MARK: Passwords that are missing

    /// An output whose password is not known would let everybody in: its transmission is switched off.
    private func lockTransmissionsWithoutPassword(_ result: inout StoredConfiguration) -> [CodedMessage] {
        var names: [String] = []
        for index in result.transmissions.indices {
            let outputs = result.transmissions[index].outputs
            let isOpen = outputs.contains {
                $0.authentication?.enabled == true && $0.authentication?.isInForce == false
            }
            guard isOpen, result.transmissions[index].enabled else { continue }
            result.transmissions[index].enabled = false
            names.append(result.transmissions[index].name)
        }
        guard !names.isEmpty else { return [] }
        let list = Self.list(names)
        return [
            CodedMessage(
                "transmissions_locked",
                "Switched off, because the backup does not hold the passwords of their viewers: \(list). Set them, and "
                    + "switch the transmissions on.", ["names": .string(list)])
        ]
    }

    /// An input whose key is not known gets a new one: nobody sends to it before somebody has looked it up.
    private func giveInputsKeys(_ result: inout StoredConfiguration) -> [CodedMessage] {
        var names: [String] = []
        for index in result.cameras.indices {
            let camera = result.cameras[index]
            result.cameras[index] = camera.givingKey()
            if result.cameras[index] != camera { names.append(camera.name) }
        }
        guard !names.isEmpty else { return [] }
        let list = Self.list(names)
        return [
            CodedMessage(
                "input_keys_new",
                "The backup does not hold the keys of these inputs, so they have new ones: \(list). Give them to the programs "
                    + "that send.", ["names": .string(list)])
        ]
    }

    private func camerasWithoutPassword(_ result: StoredConfiguration) -> [CodedMessage] {
        let asked = Set(
            cameras.filter { $0["password_set"] == true || $0["password"]?.stringValue?.isEmpty == false }
                .compactMap { $0["id"]?.stringValue })
        let names = result.cameras.filter { asked.contains($0.id) && $0.password?.isEmpty != false }.map(\.name)
        guard !names.isEmpty else { return [] }
        let list = Self.list(names)
        return [
            CodedMessage(
                "camera_passwords_missing", "Type the passwords of these cameras again: \(list).",
                ["names": .string(list)])
        ]
    }

    private static func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}
