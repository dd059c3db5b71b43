package org.charlstm.bench;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.base.Json;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.run.Setup;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/**
 * A process that measures one configuration and ends, so other measurements' compiled code, memory and failures do not
 * affect it. It reads the task as a line of JSON from standard input; the last line on standard output is the answer.
 */
public record MeasurementProcess(Task task) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";
    /** A limit far above the number of values in a task or an answer. */
    static final int MAX_VALUES = 10_000_000;

    /** A task: describing a device, or measuring a configuration (if not null) on the device. */
    record Task(TextSource text, Grid.Protocol protocol, DeviceSetup setup, @Nullable Configuration configuration) {
    }

    /** The answer to a task; exactly one component is not null. */
    record Answer(@Nullable String failure, DeviceSetup.@Nullable Summary device, @Nullable Measurement measurement) {
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Task task = Json.as(Json.parse(in.readLine(), MAX_VALUES), Task.class);
        // The launcher keeps the pipe open; a closed pipe means that the launcher is gone.
        Thread.ofPlatform().daemon().name("charlstm-asker").start(() -> {
            try {
                in.transferTo(Writer.nullWriter());
            } catch (IOException e) {
                System.getLogger(MeasurementProcess.class.getName()).log(System.Logger.Level.DEBUG, "no pipe", e);
            }
            Runtime.getRuntime().halt(1);
        });
        Answer answer = answer(task);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        out.print(Json.compact(Json.of(answer)) + "\n");
        out.flush();
    }

    /** Performs a task; a failure is part of the answer. */
    static Answer answer(Task task) {
        MeasurementProcess measuring = new MeasurementProcess(task);
        Configuration configuration = task.configuration();
        if (configuration != null) {
            return new Answer(null, null, measuring.measurement(configuration));
        }
        try (Device device = measuring.open()) {
            DeviceSetup asked = task.setup();
            return new Answer(null, new DeviceSetup.Summary(asked.device(), asked.precision(), asked.threads(),
                    device.hardware(), device.description()), null);
        } catch (CharlstmException e) {
            return new Answer(e.getMessage(), null, null);
        }
    }

    private Device open() {
        DeviceSetup asked = task.setup();
        return Devices.open(asked.device(), new DeviceOptions(asked.threads(), 0, Precision.of(asked.precision()),
                task.protocol().gpu()));
    }

    private Measurement measurement(Configuration configuration) {
        try {
            return measured(configuration);
        } catch (DeviceException e) {
            return Measurement.without(e.outOfMemory() ? Status.DOES_NOT_FIT : Status.FAILED, e.getMessage());
        } catch (CharlstmException e) {
            return Measurement.without(Status.FAILED, e.getMessage());
        } catch (ArithmeticException e) {
            return Measurement.without(Status.DOES_NOT_FIT, "a size is beyond 32 bits: " + e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof OutOfMemoryError) {
                    return Measurement.without(Status.DOES_NOT_FIT, "out of host memory (" + cause.getMessage() + ")");
                }
            }
            return Measurement.without(Status.FAILED, "internal error: " + e);
        }
    }

    private Measurement measured(Configuration configuration) {
        Captions captions = task.text().read();
        Corpus corpus = task.text().encode(captions);
        Setup setup = configuration.setup();
        Weights weights;
        try {
            weights = setup.weights(corpus.vocabulary().size());
        } catch (IllegalArgumentException e) {
            return Measurement.without(Status.DOES_NOT_FIT, String.valueOf(e.getMessage()));
        }
        List<Double> warmUp = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        TrainingOptions training = task.protocol().training(configuration);
        double loss = 0;
        String diverged;
        try (Device device = open()) {
            try (Model model = new Model(device, weights);
                    Trainer trainer = new Trainer(model, corpus, training).evenIfItDiverges()) {
                for (int epoch = 0; epoch < task.protocol().warmUp() + task.protocol().epochs(); epoch++) {
                    Figures figures = Objects.requireNonNull(trainer.epoch(EpochListener.NONE),
                            "an epoch that nobody stops has figures");
                    (epoch < task.protocol().warmUp() ? warmUp : seconds).add(figures.seconds());
                    loss = figures.loss();
                }
                diverged = trainer.divergence().map(DivergenceException::what).orElse(null);
            }
            // The peaks are read first, because the operations below take memory too.
            long hostBytes = peakHostMemory();
            long deviceBytes = device.peakMemory();
            int waveBatch = device.waveBatch(configuration.batchSize());
            List<OperationTime> operations = OperationTime.ofStep(device, weights, corpus, training);
            OptionalDouble ceiling = device.ceiling();
            return new Measurement(Status.MEASURED, diverged, TextSource.Summary.fingerprint(captions), warmUp, seconds,
                    diverged == null ? loss : null, ceiling.isPresent() ? ceiling.getAsDouble() : null, hostBytes,
                    deviceBytes, waveBatch == 0 ? null : waveBatch, operations,
                    Stream.concat(device.choices().stream(), device.warnings().stream()).toList());
        }
    }

    /** The peak of resident memory in bytes on Linux; elsewhere the heap's size. */
    private static long peakHostMemory() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(PEAK)).findFirst()
                    .map(line -> 1024 * Long.parseLong(line.substring(PEAK.length()).replace("kB", "").strip()))
                    .orElseGet(MeasurementProcess::heap);
        } catch (IOException e) {
            return heap();
        }
    }

    private static long heap() {
        return Runtime.getRuntime().totalMemory();
    }
}
