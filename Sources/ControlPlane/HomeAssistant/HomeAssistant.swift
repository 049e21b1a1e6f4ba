import Foundation
import Logging
import NIOHTTP1
import StreamModel

/// Home Assistant's Core, as an add-on reaches it: through Supervisor.
actor HomeAssistant {
    private let supervisor: SupervisorClient?
    private let logger: Logger
    private var isAdding = false

    private static let timeout: Duration = .seconds(5)
    /// Home Assistant opens what a form names before it answers: a still for 10 s at most, then a stream for 30 s.
    private static let formTimeout: Duration = .seconds(60)
    /// Of all forms of one camera.
    private static let flowTimeout: Duration = .seconds(80)
    private static let flows = "/core/api/config/config_entries/flow"

    init(_ supervisor: SupervisorClient?, logger: Logger) {
        self.supervisor = supervisor
        self.logger = logger
    }

    /// Whether cameras can be added to it.
    func state() async -> HomeAssistantState {
        guard let supervisor else { return .noAddOn }
        do throws(SupervisorError) {
            let (status, json) = try await supervisor.answer(.GET, "/core/api/config", within: Self.timeout)
            switch status {
            case .ok: return .available(version: json?["version"]?.stringValue)
            case .unauthorized, .forbidden:
                return .unavailable(SupervisorError.forbidden.message)
            default:
                return .unavailable(
                    CodedMessage("home_assistant_silent", "Home Assistant does not answer yet. Try again in a minute."))
            }
        } catch {
            return .unavailable(error.message)
        }
    }

    /// - Parameter names: those of our outputs: an entity of "Generic Camera" that is called so shows one of them.
    func cameras(withoutGeneric names: Set<String>) async -> HomeAssistantCameras {
        guard let supervisor else { return HomeAssistantCameras(state: .noAddOn) }
        do throws(SupervisorError) {
            let query: JSONValue = ["template": .string(HomeAssistantCameras.template)]
            let (status, json) = try await supervisor.answer(
                .POST, "/core/api/template", query, within: Self.timeout)
            try Self.check(status) {
                CodedMessage(
                    "home_assistant_tells_no_cameras",
                    "Home Assistant refuses to tell its cameras (\($0)). Its log says more.", ["status": .integer($0)])
            }
            return HomeAssistantCameras(rendered: json, withoutGeneric: names)
        } catch {
            return HomeAssistantCameras(state: .unavailable(error.message))
        }
    }

    private func connected() throws(ControlPlaneError) -> SupervisorClient {
        guard let supervisor else { throw .conflict(HomeAssistantState.noAddOnReason) }
        return supervisor
    }

    /// The name of this add-on by which Home Assistant reaches it.
    func ownHostName() async throws(ControlPlaneError) -> String {
        let supervisor = try connected()
        do { return try await supervisor.hostName() } catch {
            throw .badGateway(
                CodedMessage(
                    "try_in_a_minute", "\(error.message.text) Try again in a minute.", ["reason": error.message.json]))
        }
    }

    /// Makes a camera of the integration "Generic Camera".
    ///
    /// - Parameter name: that it gets there, for people.
    /// - Throws: 409 when there is one of that name, 502 with what to do when Home Assistant does not make it, 503 while
    ///   another one is being added.
    func addCamera(_ form: GenericCameraForm, named name: String) async throws(ControlPlaneError) -> AddedCamera {
        let supervisor = try connected()
        guard !isAdding else {
            throw .busy(
                CodedMessage(
                    "home_assistant_adds_another",
                    "Another camera is being added to Home Assistant. Try again when that is done."))
        }
        isAdding = true
        defer { isAdding = false }
        do {
            try await refuseDuplicate(name, supervisor)
            let entry = try await makeEntry(form, supervisor)
            // The camera is there, so it gets its name also when nobody waits for it any more.
            return await Task { await naming(entry, name, supervisor) }.value
        } catch let error as ControlPlaneError {
            throw error
        } catch {
            logger.notice("No camera was added to Home Assistant. \(error)")
            let known = (error as? SupervisorError)?.message ?? (error as? CameraFlowProblem)?.message
            throw .badGateway(known ?? .freeText("\(error)"))
        }
    }

    /// Home Assistant itself would add the same camera again and again.
    private func refuseDuplicate(_ name: String, _ supervisor: SupervisorClient) async throws {
        let path = "/core/api/config/config_entries/entry?domain=generic"
        let (status, json) = try await supervisor.answer(.GET, path, within: Self.timeout)
        try Self.check(status)
        guard (json?.arrayValue ?? []).contains(where: { $0["title"]?.stringValue == name }) else { return }
        throw ControlPlaneError.conflict(
            CodedMessage(
                "home_assistant_has_camera",
                "Home Assistant has a Generic Camera called “\(name)” already. To add it again, delete it there first, "
                    + "under Settings, Devices & services.", ["name": .string(name)]))
    }

    /// - Parameter refusal: says that it was refused, with a status.
    private static func check(
        _ status: HTTPResponseStatus, _ refusal: (Int) -> CodedMessage = HomeAssistant.addsNoCamera
    ) throws(SupervisorError) {
        switch status {
        case .ok: break
        case .unauthorized, .forbidden:
            throw .forbidden
        default: throw SupervisorError(message: refusal(Int(status.code)))
        }
    }

    private static func addsNoCamera(_ status: Int) -> CodedMessage {
        CodedMessage(
            "home_assistant_adds_no_camera", "Home Assistant refuses to add a camera (\(status)). Its log says more.",
            ["status": .integer(status)])
    }

    private func makeEntry(
        _ form: GenericCameraForm, _ supervisor: SupervisorClient
    ) async throws -> (id: String, title: String) {
        let end = ContinuousClock.now + Self.flowTimeout
        let begin: JSONValue = ["handler": "generic"]
        // The integration may have to be loaded first.
        var (status, step) = try await supervisor.answer(.POST, Self.flows, begin, within: Self.formTimeout)
        try Self.check(status)
        guard let id = step?["flow_id"]?.stringValue, CameraFlow.isIdentifier(id) else {
            throw CameraFlowProblem.unexpected
        }
        let path = "\(Self.flows)/\(id)"
        do {
            var flow = CameraFlow(form)
            while true {
                switch try flow.next(step ?? .null) {
                case .done(let entryID, let title): return (entryID, title)
                case .answer(let answer):
                    let left = min(Self.formTimeout, ContinuousClock.now.duration(to: end))
                    (status, step) = try await supervisor.answer(.POST, path, answer, within: left)
                    // How a form says that it is answered by something that it does not have.
                    if status == .badRequest { throw CameraFlowProblem.unexpected }
                    try Self.check(status)
                }
            }
        } catch {
            // Also when nobody waits for the camera any more: a form that is left open stays in Home Assistant.
            await Task { _ = try? await supervisor.answer(.DELETE, path, within: Self.timeout) }.value
            throw error
        }
    }

    /// Home Assistant calls a camera after the host of its address, which is the same for all of ours.
    private func naming(
        _ entry: (id: String, title: String), _ name: String, _ supervisor: SupervisorClient
    ) async -> AddedCamera {
        var camera = AddedCamera(entryID: entry.id, entityID: nil, name: entry.title)
        camera.entityID = await entity(of: entry.id, supervisor)
        var commands: [[String: JSONValue]] = []
        var wishedID: String?
        if let entityID = camera.entityID, let slug = Slug.make(name) {
            // Without two underscores side by side (`homeassistant/core.py`, `VALID_ENTITY_ID`).
            let wished = "camera." + slug.split { "-_".contains($0) }.joined(separator: "_")
            wishedID = wished
            // Refused when another entity has the name; then it keeps the one that it has.
            commands.append([
                "type": "config/entity_registry/update", "entity_id": .string(entityID),
                "new_entity_id": .string(wished),
            ])
        }
        commands.append([
            "type": "config_entries/update", "entry_id": .string(entry.id), "title": .string(name),
        ])
        do throws(SupervisorError) {
            let done = try await CoreSocket(supervisor: supervisor).send(commands)
            if done.last.flatMap(\.self) != nil { camera.name = name }
            if let wishedID, done.first.flatMap(\.self) != nil { camera.entityID = wishedID }
        } catch {
            logger.notice("The camera in Home Assistant keeps the name that it has there. \(error)")
        }
        return camera
    }

    /// The entity of an entry that was just made.
    private func entity(of entryID: String, _ supervisor: SupervisorClient) async -> String? {
        // As JSON, so that it is read like every other answer.
        let query: JSONValue = [
            "template": .string(
                "{% for camera in states.camera if config_entry_id(camera.entity_id) == '\(entryID)' %}"
                    + "{{ camera.entity_id | to_json }}{% endfor %}")
        ]
        guard
            let (status, json) = try? await supervisor.answer(.POST, "/core/api/template", query, within: Self.timeout),
            status == .ok, let entityID = json?.stringValue
        else { return nil }
        let parts = entityID.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0] == "camera" && CameraFlow.isIdentifier(String(parts[1])) ? entityID : nil
    }
}
