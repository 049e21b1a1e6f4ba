import StreamProtocols

/// When the packets of a publisher came, by the numbers that count all of them, until that is reported: by it senders such as
/// Chromium find out what their line carries (draft-holmer-rmcat-transport-wide-cc-extensions-01). A value: it is told the time.
struct TransportArrivals {
    /// Between two reports; libwebrtc's own receivers take 50 to 250 ms.
    static let interval: Duration = .milliseconds(100)
    /// Packets in one report, which fits in a datagram so.
    static let limit = 256
    /// Numbers in one report, of packets that came and that did not.
    static let spanLimit: Int64 = 1024
    /// A reference time counts 256 of the units that deltas count.
    private static let referenceBitCount: Int64 = 8

    private struct Arrival {
        /// Unwrapped.
        var number: Int64
        /// In the unit of deltas.
        var time: Int64
    }

    /// In the order of their numbers.
    private var arrivals: [Arrival] = []
    private var highest: Int64?
    /// The first that no report has told of.
    private var next: Int64?
    private var reportNumber: UInt8 = 0

    var isEmpty: Bool { arrivals.isEmpty }

    /// No more may come before the next report.
    var isFull: Bool { arrivals.count >= Self.limit }

    /// Notes a packet. One that others have passed by more than a report is told as missing already.
    mutating func received(_ number: UInt16, at now: Duration) {
        guard !isFull else { return }
        // The draft's §2: modulo 2¹⁶; as signed, a negative step is a late packet.
        let step = highest.map { Int64(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: $0))) } ?? 0
        let unwrapped = (highest ?? Int64(number)) + step
        highest = max(highest ?? unwrapped, unwrapped)
        guard unwrapped >= next ?? unwrapped else { return }
        let arrival = Arrival(number: unwrapped, time: Int64(now / RTCPTransportFeedback.deltaUnit))
        let place = (arrivals.lastIndex { $0.number <= unwrapped }).map { $0 + 1 } ?? 0
        guard place == 0 || arrivals[place - 1].number != unwrapped else { return }
        arrivals.insert(arrival, at: place)
    }

    /// What is to be reported now: usually one report.
    ///
    /// - Parameters:
    ///   - ssrc: who reports.
    ///   - mediaSSRC: any source of the publisher's.
    mutating func takeReports(from ssrc: UInt32, of mediaSSRC: UInt32) -> [RTCPTransportFeedback] {
        var reports: [RTCPTransportFeedback] = []
        var rest = arrivals[...]
        while let first = rest.first {
            // A gap that is longer than a report is left out.
            let begin = next.flatMap { first.number - $0 < Self.spanLimit ? $0 : nil } ?? first.number
            let told = rest.prefix { $0.number - begin < Self.spanLimit }
            rest = rest.dropFirst(told.count)
            next = (told.last?.number ?? first.number) + 1
            reports.append(report(told, from: begin, ssrc, mediaSSRC))
        }
        arrivals.removeAll(keepingCapacity: true)
        return reports
    }

    private mutating func report(
        _ told: ArraySlice<Arrival>, from begin: Int64, _ ssrc: UInt32, _ mediaSSRC: UInt32
    ) -> RTCPTransportFeedback {
        defer { reportNumber &+= 1 }
        let reference = (told.first?.time ?? 0) >> Self.referenceBitCount
        var time = reference << Self.referenceBitCount
        var number = begin
        var statuses: [RTCPTransportFeedback.Status] = []
        for arrival in told {
            if arrival.number > number { statuses.append(.missing(Int(arrival.number - number))) }
            let delta = Int16(clamping: arrival.time - time)
            statuses.append(.received(delta: delta))
            time += Int64(delta)
            number = arrival.number + 1
        }
        return RTCPTransportFeedback(
            ssrc: ssrc, mediaSSRC: mediaSSRC, firstNumber: UInt16(truncatingIfNeeded: begin),
            // §3.1: 24 bits with a sign.
            referenceTime: (Int32(truncatingIfNeeded: reference) << 8) >> 8, reportNumber: reportNumber,
            statuses: statuses)
    }
}
