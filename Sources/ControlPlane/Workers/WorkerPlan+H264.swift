import EngineContract
import StreamModel

extension WorkerPlan {
    /// Lets a camera's H.265 pass to those who play it by WebRTC, and gives the rest renditions of their own, which run only while
    /// somebody needs them.
    ///
    /// - Parameter h264Paths: as ``Transmission/h264Paths(isCopyForced:)`` has them.
    /// - Returns: the renditions of the rest.
    static func setApart(
        _ h264Paths: [String: String], of renditions: inout [RenditionSpec], publishSecret: [UInt8]
    ) -> [RenditionSpec] {
        var rest: [RenditionSpec] = []
        for (index, spec) in renditions.enumerated() {
            let watched = spec.targets.filter { $0.sound.protocols.contains(.webrtc) }
            let targets = watched.compactMap { target in
                h264Paths[target.path].map { target.moved(to: $0, publishSecret: publishSecret) }
            }
            guard let first = targets.first, targets.count == watched.count else { continue }
            renditions[index].webRTC = .takersOfH265
            var encoding = spec.encoding
            encoding.video.codec = .h264
            rest.append(
                RenditionSpec(
                    id: "\(spec.transmissionID):\(first.path)", transmissionID: spec.transmissionID,
                    encoding: encoding, targets: targets, webRTC: .rest))
        }
        return rest
    }
}

extension PublishTarget {
    /// The same on another path, for viewers by WebRTC, and by HLS in the same pages.
    fileprivate func moved(to path: String, publishSecret: [UInt8]) -> PublishTarget {
        let credentials = PublishCredentials(path: path, secret: publishSecret)
        var target = self
        target.path = path
        target.username = credentials.username
        target.password = credentials.password
        target.sound.protocols.remove(.rtsp)
        return target
    }
}

extension Sequence where Element == Pipeline {
    /// The transmissions into which a pipeline passes a camera's H.265 on whoever watches: those with `bypass_mode` `force_on`.
    var forcedCopies: Set<String> {
        Set(
            flatMap(\.graph.nodes).lazy.filter { $0.operator == PublishVideoConfig.operatorName }
                .map { PublishVideoConfig(of: $0) }.filter { $0.bypassMode == .forceOn }.map(\.transmissionID))
    }
}
