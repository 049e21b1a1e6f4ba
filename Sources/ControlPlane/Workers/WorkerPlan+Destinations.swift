import StreamModel

extension WorkerPlan {
    /// Sends the renditions to the active destinations, and adds those that only destinations ask for.
    static func addDestinations(
        of transmission: Transmission, isCopyForced: Bool, to renditions: inout [RenditionSpec]
    ) {
        for destination in transmission.activeDestinations {
            let encoding = Encoding(of: destination)
            let place = renditions.firstIndex {
                $0.targets.isEmpty
                    ? $0.encoding == encoding
                    : destination.agrees(with: $0, of: transmission, isCopyForced: isCopyForced)
            }
            if let place {
                renditions[place].destinations.append(destination)
            } else {
                renditions.append(
                    RenditionSpec(
                        id: "\(transmission.id):push:\(destination.id)", transmissionID: transmission.id,
                        encoding: encoding, targets: [], destinations: [destination]))
            }
        }
    }
}

extension StreamDestination {
    /// Whether it can be sent what outputs have, so that neither is another one for the other: viewers must not notice that a
    /// destination is switched on.
    fileprivate func agrees(with spec: RenditionSpec, of transmission: Transmission, isCopyForced: Bool) -> Bool {
        let wanted = Encoding(of: self)
        let isOfCodec = spec.encoding == wanted
        var ofAnyCodec = wanted
        ofAnyCodec.video.codec = nil
        guard isOfCodec || (picture.video.codec == nil && spec.encoding == ofAnyCodec) else { return false }
        let outputs = transmission.enabledOutputs.filter { Encoding(of: $0) == spec.encoding }
        guard namesSize == outputs.contains(where: \.namesSize), namesFPS == outputs.contains(where: \.namesFPS) else {
            return false
        }
        if isOfCodec { return true }
        // Where a camera's H.265 may be passed on to viewers, they keep it, and the destination gets an encoding of its own.
        let protocols = Set(outputs.map(\.protocol))
        return outputs.isEmpty || (protocols.contains(.webrtc) && spec.webRTC == .everybody)
            || (protocols.contains(.hls) && !isCopyForced)
    }
}
