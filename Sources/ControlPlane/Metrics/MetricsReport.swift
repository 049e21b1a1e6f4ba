import StreamModel

/// What `GET /metrics` shows: counters and gauges of everything that runs, without secrets.
///
/// Labels name transmissions, cameras, engine paths, output ids and protocols, so there are as many series as users set up; beyond
/// ``transmissionLimit`` transmissions the rest is left out.
struct MetricsReport {
    static let transmissionLimit = 1000

    var engineIsUp: Bool
    var engineRestarts: Int
    var workers: [(plan: IslandPlan, state: WorkerState)]
    /// By engine path.
    var viewers: [String: ViewerCounts]
    var transmissions: [Transmission]
    var outputs: [RuntimeOutput]
    /// What each of our processes has used; the island is that of a worker.
    var processes: [(name: String, island: String, usage: ProcessUsage)]

    var text: String {
        var text = PrometheusText()
        addEngine(to: &text)
        addWorkers(to: &text)
        addCameras(to: &text)
        addProcesses(to: &text)
        addViewers(to: &text)
        addRenditions(to: &text)
        addOutputs(to: &text)
        return text.text
    }

    private var shown: [Transmission] {
        Array(transmissions.sorted { $0.path < $1.path }.prefix(Self.transmissionLimit))
    }

    private func addEngine(to text: inout PrometheusText) {
        text.add("toposync_engine_up", .gauge, "Whether the engine runs.", [.init(engineIsUp ? 1 : 0)])
        text.add(
            "toposync_engine_restarts_total", .counter, "How often the engine ended by itself and was started again.",
            [.init(engineRestarts)])
    }

    private func addWorkers(to text: inout PrometheusText) {
        let workers = workers.sorted { $0.plan.island.name < $1.plan.island.name }.prefix(Self.transmissionLimit)
        text.add(
            "toposync_worker_up", .gauge, "Whether an island's worker runs; it does not while nobody watches.",
            workers.map { .init($0.state.pid == nil ? 0 : 1, ("island", $0.plan.island.name)) })
        text.add(
            "toposync_worker_restarts_total", .counter, "How often an island's worker ended by itself.",
            workers.map { .init($0.state.restartCount, ("island", $0.plan.island.name)) })
    }

    private func addCameras(to text: inout PrometheusText) {
        let cameras = workers.flatMap { $0.state.cameras.values }.sorted { $0.cameraID < $1.cameraID }
            .prefix(Self.transmissionLimit)
        func add(_ name: String, _ help: String, _ value: (CameraLosses) -> Int) {
            text.add(
                "toposync_camera_\(name)_total", .counter, help,
                cameras.compactMap { camera in
                    camera.losses.map { .init(value($0), ("camera", camera.cameraID)) }
                })
        }
        add("packets_lost", "RTP packets of a camera that never came, since its worker began to read it.", \.packets)
        add("pictures_broken", "Pictures of a camera that were given up because a piece was missing.", \.pictures)
    }

    private func addProcesses(to text: inout PrometheusText) {
        text.add(
            "toposync_process_resident_memory_bytes", .gauge, "Memory that one of our processes has in use.",
            processes.map { .init($0.usage.residentBytes, ("process", $0.name), ("island", $0.island)) })
        text.add(
            "toposync_process_cpu_seconds_total", .counter, "Processor time that one of our processes has used.",
            processes.map { .init($0.usage.cpuSeconds, ("process", $0.name), ("island", $0.island)) })
    }

    private func addViewers(to text: inout PrometheusText) {
        var samples: [PrometheusText.Sample] = []
        for transmission in shown {
            let paths = Set(transmission.servedOutputs.map(\.enginePath))
            let h264Paths = paths.compactMap { PathName.h264(besides: $0) }.filter { viewers[$0] != nil }
            for path in paths.union(h264Paths).sorted() {
                let counts = viewers[path] ?? ViewerCounts()
                let labels = OutputProtocol.allCases.map { ($0.rawValue, counts[$0]) } + [("other", counts.others)]
                samples += labels.map { name, count in
                    .init(count, ("transmission", transmission.path), ("path", path), ("protocol", name))
                }
            }
        }
        text.add("toposync_viewers", .gauge, "Viewers of an engine path by protocol.", samples)
    }

    /// A rendition is one encoding; outputs that share it are counted once, under its first engine path.
    private func addRenditions(to text: inout PrometheusText) {
        let paths = Dictionary(uniqueKeysWithValues: shown.map { ($0.id, $0.path) })
        let all = workers.flatMap { worker in
            worker.plan.configuration.renditions.compactMap { spec in
                paths[spec.transmissionID].map { transmission in
                    (
                        transmission: transmission, path: spec.targets.first?.path ?? "",
                        status: worker.state.renditions[spec.id] ?? RenditionStatus(id: spec.id, state: .cold)
                    )
                }
            }
        }.sorted { ($0.transmission, $0.path) < ($1.transmission, $1.path) }
        func add(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (RenditionStatus) -> Double?
        ) {
            text.add(
                "toposync_rendition_\(name)", kind, help,
                all.compactMap { entry in
                    value(entry.status).map {
                        .init($0, ("transmission", entry.transmission), ("path", entry.path))
                    }
                })
        }
        add("frames_in_total", .counter, "Pictures that came to the encoder.") { Double($0.framesReceived) }
        add("frames_out_total", .counter, "Pictures that were published.") { Double($0.framesSent) }
        add("frames_dropped_total", .counter, "Pictures that were pushed out by newer ones.") {
            Double($0.framesDropped)
        }
        add("frames_repeated_total", .counter, "Pictures that were encoded once more to keep the rate.") {
            Double($0.framesRepeated)
        }
        add("bytes_out_total", .counter, "Bytes that were published.") { Double($0.bytesSent) }
        add("encode_seconds_total", .counter, "Time that pictures took to scale and encode.") { $0.encodeSeconds }
        add("delay_seconds", .gauge, "Lately, from the capture of a picture to its publisher.") {
            $0.delayMilliseconds.map { $0 / 1000 }
        }
    }

    private func addOutputs(to text: inout PrometheusText) {
        let paths = Dictionary(uniqueKeysWithValues: shown.map { ($0.id, $0.path) })
        var samples: [PrometheusText.Sample] = []
        for output in outputs {
            guard let transmission = paths[output.transmissionID] else { continue }
            samples += OutputState.allCases.map { state in
                .init(
                    output.state == state ? 1 : 0, ("transmission", transmission), ("output", output.outputID),
                    ("state", state.rawValue))
            }
        }
        text.add("toposync_output_state", .gauge, "1 for the state that an output is in.", samples)
        let sounds = outputs.compactMap { output in
            paths[output.transmissionID].flatMap { path in
                output.sound.status.map { (labels: (path, output.outputID), sound: $0) }
            }
        }
        text.add(
            "toposync_output_sound", .gauge, "1 for an output whose viewers are sent sound.",
            sounds.map { entry in
                .init(
                    1, ("transmission", entry.labels.0), ("output", entry.labels.1),
                    ("codec", entry.sound.audio.codec))
            })
        text.add(
            "toposync_output_sound_bits_per_second", .gauge, "Lately, of the coded sound of an output.",
            sounds.compactMap { entry in
                entry.sound.bitrateKbps.map {
                    .init($0 * 1000, ("transmission", entry.labels.0), ("output", entry.labels.1))
                }
            })
    }
}
