import Foundation

/// How RTP of an RTSP camera travels.
public enum CameraTransport: String, CaseIterable, Codable, Sendable {
    /// TCP, and UDP for a camera that refuses TCP.
    case auto
    case tcp, udp
}

/// A source of pictures that a user set up.
public struct Camera: JSONModel, Confidential, Identifiable {
    public var id: String
    public var name: String
    /// `rtsp://…`, `rtsps://…`, `http(s)://…`, `file:///…`, `/dev/videoN`, `homeassistant:camera.…`, `input:…` for a program
    /// that sends its picture to us, or `demo:`; never with user information, which is moved into `username` and `password` when it is read. It may hold a password in its path
    /// or query, where some cameras want it, so answers show ``publicURL``.
    public var url: String
    public var username: String?
    /// The camera's; of an input, the key that lets a program send to it.
    public var password: Secret?
    public var transport: CameraTransport
    /// Which of several tracks of sound is heard, counted from 1; nil for the first that is understood.
    public var soundTrack: Int?
    /// What is heard in place of the camera's own sound: `alsa:…`; nil for that.
    public var microphone: String?
    public var createdAt: Date
    public var updatedAt: Date
    public var unknownFields: [String: JSONValue]

    /// The URL of the built-in moving picture.
    public static let demoURL = "demo:"
    public static let soundTrackRange = 1...16
    static let schemes: Set<String> = ["rtsp", "rtsps", "http", "https", "file"]

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        name = reader.requiredString("name").trimmed
        transport = reader.choice("transport", default: .auto)
        soundTrack = reader.optionalInteger("sound_track", in: Self.soundTrackRange)
        microphone = reader.optionalString("microphone").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        username = reader.optionalString("username").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        password = reader.optionalSecret("password")
        reader.ignoreBool("password_set")
        createdAt = reader.optionalString("created_at").flatMap(Timestamp.parse) ?? Timestamp.now()
        updatedAt = reader.optionalString("updated_at").flatMap(Timestamp.parse) ?? Timestamp.now()
        let address = CameraAddress(reader.requiredString("url").trimmed)
        url = address.url
        unknownFields = reader.unknownMembers
        if let user = address.username?.trimmed {
            username = username ?? (user.isEmpty ? nil : user)
            password = password ?? address.password
        }
        reader.checkName(name)
        if name.isEmpty, reader.has("name") {
            reader.report(CodedMessage("camera_unnamed", "Give the camera a name."), at: "name")
        }
        if let microphone, MicrophoneAddress.device(in: microphone) == nil {
            reader.report(
                CodedMessage(
                    "microphone_address",
                    "Write a microphone of this computer as ALSA calls it, such as alsa:default or alsa:plughw:1,0."),
                at: "microphone")
        }
        if reader.has("url"), let problem = address.problem { reader.report(problem, at: "url") }
        if InputAddress.isOne(url) {
            username = nil
            checkInputKey(reader)
        }
    }

    private func checkInputKey(_ reader: ObjectReader) {
        guard let key = password?.exposed, !key.isEmpty, !InputKey.isUsable(key) else { return }
        let (least, most) = (InputKey.lengthRange.lowerBound, InputKey.lengthRange.upperBound)
        reader.nested([:], at: "password").report(
            CodedMessage(
                "input_key_characters",
                "The key of an input has \(least) to \(most) letters, digits, '-', '.', '_' and '~': it stands in addresses.",
                ["minimum": .integer(least), "maximum": .integer(most)]))
    }

    /// The name of the input that a program sends to; nil of every other camera.
    public var inputName: String? { InputAddress.name(in: url) }

    /// The address with a mask in place of passwords.
    public var publicURL: String { url.redactingCredentials }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["id"] = .string(id)
        members["name"] = .string(name)
        members["url"] = form.address(url)
        members["username"] = JSONValue(username)
        members.merge(form.password(password)) { $1 }
        members["transport"] = .string(transport.rawValue)
        members["sound_track"] = JSONValue(soundTrack)
        members["microphone"] = JSONValue(microphone)
        members["created_at"] = .string(Timestamp.format(createdAt))
        members["updated_at"] = .string(Timestamp.format(updatedAt))
        return .object(members)
    }

    /// The file that is read in place of a camera; nil for anything else.
    public var filePath: String? {
        let prefix = "file://"
        guard url.lowercased().hasPrefix(prefix) else { return nil }
        let rest = url.dropFirst(prefix.count)
        let path = String(rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest)
        return path.removingPercentEncoding ?? path
    }

    /// The camera with the password that an update left out taken from what is stored.
    ///
    /// Stored passwords are kept only for the same host: whoever can edit a camera must not be able to send them to a server
    /// of their own.
    /// - Throws: ``ValidationError`` when a mask is left in the address.
    public func keepingSecrets(of stored: Camera?) throws(ValidationError) -> Camera {
        var result = self
        if let stored, CameraAddress(stored.url).authority == CameraAddress(url).authority {
            result.password = password.keeping(stored.password)
            result.url = url.restoringSecrets(of: stored.url)
        } else {
            result.password = password.keeping(nil)
        }
        if result.url.contains(Secret.mask) || result.username == Secret.mask {
            throw ValidationError(
                CodedMessage(
                    "address_masked",
                    "Write the password in place of \(Secret.mask): it is kept only for the same camera.",
                    ["mask": .string(Secret.mask)]),
                at: ["body", "url"], input: .string(result.publicURL))
        }
        return result
    }
}

/// A camera URL taken apart.
struct CameraAddress {
    /// The URL without user information.
    private(set) var url: String
    private(set) var username: String?
    private(set) var password: Secret?
    /// Scheme, host and port; nil for what is on this machine.
    private(set) var authority: String?
    /// What is wrong with it.
    private(set) var problem: CodedMessage?

    init(_ text: String) {
        url = text
        if text == Camera.demoURL || text.hasPrefix("/dev/video") { return }
        if HomeAssistantAddress.isOne(text) {
            if HomeAssistantAddress.entity(in: text) == nil {
                problem = CodedMessage(
                    "address_home_assistant",
                    "Write a camera of Home Assistant with the id of its entity, such as homeassistant:camera.front_door."
                )
            }
            return
        }
        if InputAddress.isOne(text) {
            // Its key is that of one name alone.
            authority = text
            if InputAddress.name(in: text) == nil {
                problem = CodedMessage(
                    "address_input",
                    "Name the input with small letters, digits and '-', such as input:phone.")
            }
            return
        }
        if MicrophoneAddress.isOne(text) {
            problem = CodedMessage(
                "address_microphone",
                "That is a microphone: write it as the microphone of a camera, whose pictures it is heard with.")
            return
        }
        guard let schemeEnd = text.firstRange(of: "://") else {
            problem = CodedMessage(
                "address_no_scheme",
                "Write the camera's address with its scheme, such as rtsp://192.168.1.20:554/stream1.")
            return
        }
        let scheme = text[..<schemeEnd.lowerBound].lowercased()
        guard Camera.schemes.contains(scheme) else {
            problem = CodedMessage(
                "address_scheme",
                "'\(scheme)' is not supported. Use rtsp, rtsps, http, https, file, /dev/videoN or demo:.",
                ["scheme": .string(scheme)])
            return
        }
        let rest = text[schemeEnd.upperBound...]
        if scheme == "file" {
            if !rest.hasPrefix("/") {
                problem = CodedMessage(
                    "address_file", "Write a file with its full path, such as file:///media/clip.mp4.")
            }
            return
        }
        let hostEnd = rest.firstIndex(where: { "/?#".contains($0) }) ?? rest.endIndex
        var hostPart = rest[..<hostEnd]
        // A password may itself hold '@', so the last one ends the user information.
        if let at = hostPart.lastIndex(of: "@") {
            let parts = hostPart[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            username = parts.first.map { $0.removingPercentEncoding ?? String($0) }
            password = parts.count > 1 ? Secret(parts[1].removingPercentEncoding ?? String(parts[1])) : nil
            hostPart = hostPart[hostPart.index(after: at)...]
            url = "\(scheme)://\(hostPart)\(rest[hostEnd...])"
        }
        authority = "\(scheme)://\(hostPart.lowercased())"
        if hostPart.isEmpty || hostPart.hasPrefix(":") {
            problem = CodedMessage(
                "address_no_host", "The address names no host. Write it such as rtsp://192.168.1.20:554/stream1.")
        } else if url.contains(where: { $0.isWhitespace || $0.asciiValue.map { $0 < 0x20 } == true }) {
            problem = CodedMessage(
                "address_space",
                "The address has a space or a control character in it. Remove it, or write a space as %20.")
        }
    }
}
