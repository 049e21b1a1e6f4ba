internal import CLibAV

/// Brings sound of any rate and any channels to one rate and to mono or stereo, as samples of all channels in turn, −1…1. Use from
/// one thread at a time.
///
/// What comes out goes on without a break whatever comes in, also when its rate or its channels change.
@safe public final class SoundResampler {
    /// The part by which sound may be made longer or shorter: a twelfth of a semitone, which nobody hears.
    public static let maximumStretch = 0.005

    /// Hz, of what comes out.
    public let sampleRate: Int
    /// Of what comes out; 1 or 2.
    public let channelCount: Int

    private struct Input: Equatable {
        var sampleRate: Int
        var channelCount: Int
        var format: AVSampleFormat
    }

    private var input: Input?
    private var context: OpaquePointer?

    public init(sampleRate: Int, channelCount: Int) {
        MediaKit.ensureRegistered()
        self.sampleRate = sampleRate
        self.channelCount = min(max(channelCount, 1), 2)
    }

    deinit { unsafe swr_free(&context) }

    /// Samples, in each channel and of the rate that comes out, that have gone in and wait for those that follow them.
    public var pendingCount: Int {
        guard let context = unsafe context else { return 0 }
        return unsafe max(Int(swr_get_delay(context, Int64(sampleRate))), 0)
    }

    /// Takes sound without its first samples.
    public func convert(_ sound: DecodedSound, skipping skipped: Int = 0) throws(MediaError) -> [Float] {
        var output = try follow(
            Input(sampleRate: sound.sampleRate, channelCount: sound.channelCount, format: sound.format))
        guard (0..<sound.sampleCount).contains(skipped) else { return output }
        output += try unsafe sound.storage.withPointer { (frame) throws(MediaError) -> [Float] in
            let isPlanar = av_sample_fmt_is_planar(sound.format) != 0
            let step = Int(av_get_bytes_per_sample(sound.format)) * (isPlanar ? 1 : sound.channelCount)
            let planes: [UnsafePointer<UInt8>?] = unsafe (0..<(isPlanar ? sound.channelCount : 1)).map { index in
                unsafe frame.pointee.extended_data[index].map { unsafe UnsafePointer($0 + skipped * step) }
            }
            return try unsafe run(planes, count: sound.sampleCount - skipped)
        }
        return output
    }

    /// Takes silence, so many samples of the rate that comes out.
    public func silence(_ count: Int) throws(MediaError) -> [Float] {
        guard count > 0 else { return [] }
        guard let input else { return [Float](repeating: 0, count: count * channelCount) }
        let inputCount = max(Int((Double(count) * Double(input.sampleRate) / Double(sampleRate)).rounded()), 1)
        let isPlanar = av_sample_fmt_is_planar(input.format) != 0
        let bytes = Int(av_get_bytes_per_sample(input.format))
        // Only samples of eight bits without a sign are not zero when they are silent.
        let plane = [UInt8](
            repeating: [AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P].contains(input.format) ? 0x80 : 0,
            count: inputCount * bytes * (isPlanar ? 1 : input.channelCount))
        return try unsafe plane.withUnsafeBufferPointer { (plane) throws(MediaError) in
            try unsafe run(
                Array(repeating: plane.baseAddress, count: isPlanar ? input.channelCount : 1), count: inputCount)
        }
    }

    /// From now on, within the next second, the sound becomes so many samples longer, or shorter where it is negative. At most by
    /// ``maximumStretch``.
    public func stretch(by samples: Int) throws(MediaError) {
        guard let context = unsafe context else { return }
        let limit = Int(Double(sampleRate) * Self.maximumStretch)
        let bounded = min(max(samples, -limit), limit)
        try unsafe check(
            swr_set_compensation(context, CInt(bounded), bounded == 0 ? 0 : CInt(sampleRate)), "resample")
    }

    // MARK: -

    /// - Returns: what still waited of other sound.
    private func follow(_ new: Input) throws(MediaError) -> [Float] {
        guard new != input else { return [] }
        let rest = unsafe context == nil ? [] : try unsafe run(nil, count: 0)
        unsafe swr_free(&context)
        input = nil
        var inputLayout = unsafe AVChannelLayout()
        var outputLayout = unsafe AVChannelLayout()
        unsafe av_channel_layout_default(&inputLayout, CInt(clamping: new.channelCount))
        unsafe av_channel_layout_default(&outputLayout, CInt(channelCount))
        defer {
            unsafe av_channel_layout_uninit(&inputLayout)
            unsafe av_channel_layout_uninit(&outputLayout)
        }
        try unsafe check(
            swr_alloc_set_opts2(
                &context, &outputLayout, AV_SAMPLE_FMT_FLT, CInt(clamping: sampleRate), &inputLayout, new.format,
                CInt(clamping: new.sampleRate), 0, nil), "open resampler")
        guard let context = unsafe context else { throw .outOfMemory("open resampler") }
        // Also where the rates are equal, or it could not be stretched.
        try unsafe check(
            av_opt_set_int(UnsafeMutableRawPointer(context), "flags", Int64(SWR_FLAG_RESAMPLE), 0), "open resampler")
        try unsafe mix(context, new.channelCount)
        try unsafe check(swr_init(context), "open resampler")
        input = new
        return rest
    }

    /// Sound is as loud as it was: libswresample makes stereo of mono quieter, and mono of stereo so loud that it is cut.
    private func mix(_ context: OpaquePointer, _ inputCount: Int) throws(MediaError) {
        let matrix: [Double]? =
            switch (inputCount, channelCount) {
            case (1, 2): [1, 1]
            case (2, 1): [0.5, 0.5]
            default: nil
            }
        if let matrix {
            try unsafe check(swr_set_matrix(context, matrix, CInt(inputCount)), "open resampler")
        } else {
            try unsafe check(
                av_opt_set_double(UnsafeMutableRawPointer(context), "rematrix_maxval", 1, 0), "open resampler")
        }
    }

    /// - Parameter planes: nil when nothing follows.
    private func run(_ planes: [UnsafePointer<UInt8>?]?, count: Int) throws(MediaError) -> [Float] {
        guard let context = unsafe context else { return [] }
        let capacity = unsafe try Int(check(swr_get_out_samples(context, CInt(clamping: count)), "resample"))
        var produced: CInt = 0
        let output = unsafe [Float](unsafeUninitializedCapacity: capacity * channelCount) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var target = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            if var planes = unsafe planes {
                produced = unsafe swr_convert(context, &target, CInt(capacity), &planes, CInt(clamping: count))
            } else {
                produced = unsafe swr_convert(context, &target, CInt(capacity), nil, 0)
            }
            initialized = Int(max(produced, 0)) * channelCount
        }
        try check(produced, "resample")
        return output
    }
}
