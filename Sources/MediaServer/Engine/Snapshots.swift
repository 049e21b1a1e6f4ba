import EngineContract
import StreamProtocols

extension Path {
    /// As the control API lists it; the fields of MediaMTX 1.16.2, and the names that replaced some of them later.
    var snapshot: ControlAPI.Path {
        var item = ControlAPI.Path(name: name, confName: entry.configurationName)
        item.source = publisher?.endpoint
        item.ready = isReady
        item.readyTime = readySince
        item.available = isReady
        item.availableTime = readySince
        item.tracks = stream.map { $0.tracks.map(\.format.media.name) } ?? []
        item.bytesReceived = inboundByteCount
        item.bytesSent = outboundByteCount
        item.inboundBytes = inboundByteCount
        item.outboundBytes = outboundByteCount
        item.readers = readers.values.filter { !$0.isHidden }.map(\.endpoint).sorted { $0.id < $1.id }
        return item
    }
}

/// An item of `GET /v3/rtspconns/list`.
struct RTSPConnectionItem: Codable, Sendable, Hashable {
    var id: String
    var created: String
    var remoteAddr: String
    var bytesReceived: Int
    var bytesSent: Int
    /// The session that the connection has.
    var session: String?
}

extension RTSPConnection {
    var connectionSnapshot: RTSPConnectionItem {
        RTSPConnectionItem(
            id: id, created: created, remoteAddr: remoteText, bytesReceived: inboundByteCount,
            bytesSent: outboundByteCount, session: readSession?.id ?? publishSession?.id)
    }

    func sessionSnapshot(id: String) -> ControlAPI.RTSPSession {
        let isPlaying = readSession?.isPlaying ?? false
        let isRecording = publishSession?.stream != nil
        return ControlAPI.RTSPSession(
            id: id,
            created: created,
            remoteAddr: remoteText,
            state: isPlaying ? "read" : isRecording ? "publish" : "idle",
            path: readSession?.pathName ?? publishSession?.pathName ?? "",
            transport: readSession?.transportName ?? publishSession?.transportName,
            bytesReceived: inboundByteCount,
            bytesSent: readSession?.outboundByteCount ?? outboundByteCount)
    }
}
