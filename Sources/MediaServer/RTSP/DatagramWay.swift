/// The way of one track by UDP: to one viewer, or to a group that many read. It belongs to one event loop.
protocol DatagramWay: AnyObject {
    /// Bytes that wait for their turn, or for room in the system.
    var queuedByteCount: Int { get }

    func send(_ runs: [DatagramRun])

    /// Sends a compound RTCP packet.
    func send(report: [UInt8])

    /// What still waits is not sent.
    func discard()

    func close()
}
