import Foundation
import Logging
import StreamModel

/// Where this server's own pages and API listen.
public struct OwnWebAddress: Hashable, Sendable {
    public var port: Int
    public var isSecure: Bool
    /// Whether other machines reach it.
    public var isOpen: Bool

    public init(port: Int, isSecure: Bool, isOpen: Bool) {
        self.port = port
        self.isSecure = isSecure
        self.isOpen = isOpen
    }
}

extension StreamingService {
    /// Whether outputs can be added to Home Assistant as cameras, and why not.
    public func homeAssistantState() async -> HomeAssistantState {
        let state = await homeAssistant.state()
        if case .available = state, let problem = streamsProblem { return .unavailable(problem) }
        return state
    }

    /// The cameras of Home Assistant that can be sources here, without those that show our own streams; or why none can.
    public func homeAssistantCameras() async -> HomeAssistantCameras {
        let own = store.current.transmissions.flatMap { transmission in
            transmission.resolvedOutputs.filter { $0.protocol == .rtsp }.map { name(of: $0, transmission) }
        }
        return await homeAssistant.cameras(withoutGeneric: Set(own))
    }

    /// Opens the port by which workers read its cameras; nil where there is no Home Assistant.
    func listenForHomeAssistant() async -> HomeAssistantMedia.Listener? {
        do {
            return try await homeAssistantMedia?.listen()
        } catch {
            logger.error("Cameras of Home Assistant can't be read: no port for them was to be had. \(error)")
            return nil
        }
    }

    /// Makes a camera in Home Assistant that shows an output.
    ///
    /// - Parameters:
    ///   - body: `{transmission_id, output_id}`
    ///   - web: where Home Assistant asks for stills.
    /// - Throws: 422 for wrong fields; 404; 409 for an output that Home Assistant can't read, and where there is no Home
    ///   Assistant; 502 with what to do when it does not make the camera; 503 while it makes another one.
    public func addToHomeAssistant(_ body: JSONValue, web: OwnWebAddress) async throws(ControlPlaneError) -> AddedCamera
    {
        let request: HomeAssistantCameraRequest
        do throws(ValidationError) { request = try HomeAssistantCameraRequest(json: body) } catch {
            throw .invalid(error)
        }
        let transmission = try await transmission(id: request.transmissionID)
        guard let output = transmission.resolvedOutputs.first(where: { $0.outputID == request.outputID }) else {
            throw .outputNotFound
        }
        let host = try await homeAssistant.ownHostName()
        guard transmission.enabled, transmission.hostServerID == ServerID.local else {
            throw .conflict(
                CodedMessage(
                    "home_assistant_sees_nothing",
                    "This transmission is switched off, or another server has it. Home Assistant would see nothing."))
        }
        guard output.protocol == .rtsp else {
            throw .conflict(
                CodedMessage("home_assistant_wants_rtsp", "Home Assistant reads RTSP best. Choose an RTSP output."))
        }
        if let problem = streamsProblem { throw .conflict(problem) }
        guard let ports = endpoint.ports else {
            throw .conflict(
                CodedMessage(
                    "home_assistant_wants_engine",
                    "The engine is not running, and Home Assistant wants to see a picture first. Start it."))
        }
        // Home Assistant waits for a picture.
        _ = try await prime(transmissionID: transmission.id)
        let form = GenericCameraForm(
            streamSource: StreamURLs(path: output.enginePath, host: host, ports: ports).rtsp,
            still: still(of: transmission, host: host, web: web), credentials: output.credentials,
            // It is for names by which browsers come, not for that of a container.
            verifiesCertificate: !web.isSecure)
        return try await homeAssistant.addCamera(form, named: name(of: output, transmission))
    }

    /// Why Home Assistant would not reach the engine's ports.
    private var streamsProblem: CodedMessage? {
        guard !store.current.settings.engine.exposeToLAN else { return nil }
        return CodedMessage(
            "home_assistant_out_of_reach",
            "Home Assistant does not reach the streams. Switch on “Reachable from the network” under Engine, or the "
                + "add-on's option expose_to_lan.")
    }

    /// Where Home Assistant gets a still without an account; nil where it can't, and takes stills from the stream instead.
    private func still(of transmission: Transmission, host: String, web: OwnWebAddress) -> String? {
        // Home Assistant takes an address for a template, so an id that clients may choose must not look like one.
        guard web.isOpen, accounts.mode == .open,
            let id = transmission.id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        else { return nil }
        let address = ServerAddress.url(host, port: web.port, isSecure: web.isSecure)
        return "\(address)api/streams/transmissions/\(id)/still.jpg?max_age=10"
    }

    /// Outputs of one transmission are told apart.
    private func name(of output: ResolvedOutput, _ transmission: Transmission) -> String {
        let name = transmission.name.isEmpty ? transmission.path : transmission.name
        let similar = transmission.resolvedOutputs.filter { $0.protocol == .rtsp }
        return similar.count > 1 ? "\(name) (\(output.outputID))" : name
    }
}
