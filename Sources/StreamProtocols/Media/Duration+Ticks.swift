extension Duration {
    /// The time that so many ticks of a clock take, to the nanosecond. A rate that is no whole number of kilohertz, as 44.1 kHz, is as
    /// exact as the others after any time.
    ///
    /// - Parameter rate: ticks a second; above 0.
    public init(ticks: Int64, ofRate rate: Int64) {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: rate)
        self = .seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / rate)
    }
}
