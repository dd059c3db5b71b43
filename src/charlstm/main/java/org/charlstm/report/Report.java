package org.charlstm.report;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Refuse;
import org.charlstm.run.RunListener;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/** The page of a training run or a grid of measurements, built from its folder. */
public record Report(Path folder, String html, List<Chart> charts) {
    public static final String NAME = "report.html";

    public static Report of(Path folder) {
        Refuse.inputIf(!Files.exists(folder), folder + " does not exist; name the folder of a run or of a bench");
        Path results = folder.resolve(GridReport.RESULTS);
        if (Files.exists(results)) {
            return RunData.parsed(results, json -> {
                GridReport report = new GridReport(folder, json);
                return new Report(folder, report.html(), report.charts);
            });
        }
        Refuse.inputIf(!Files.exists(folder.resolve(RunFolder.RUN)),
                folder + " holds neither " + RunFolder.RUN + " nor " + GridReport.RESULTS + "; name the folder of a "
                        + "run or of a bench");
        JsonObject description = RunJson.read(folder);
        return RunData.understood(folder.resolve(RunFolder.RUN).toString(), () -> {
            RunReport report = new RunReport(folder, RunData.read(folder, description));
            return new Report(folder, report.html(), report.charts);
        });
    }

    /** The figures of a run's epochs as CSV lines; the first line has the names. */
    public static List<String> csv(Path folder) {
        Refuse.inputIf(!Files.exists(folder.resolve(RunFolder.RUN)), folder + " holds no " + RunFolder.RUN
                + ", and so no figures of epochs; name the folder of a run");
        return RunData.read(folder, RunJson.read(folder)).csv();
    }

    /** Checks that this Java runtime can draw pictures. */
    public static void requirePictures() {
        String missing = "its module java.desktop is missing";
        if (ModuleLayer.boot().findModule("java.desktop").isPresent()) {
            try {
                PngCanvas.draw(new BarChart("trial", "Trial", List.of(new BarChart.Bar("a", 1, "1"))));
                return;
            } catch (IOException | RuntimeException | LinkageError | InternalError e) {
                // Without fonts, or the system's libraries for them, any of these may be thrown.
                missing = e.toString();
            }
        }
        throw new CharlstmException("--png: this Java runtime draws no pictures (" + missing + "); leave it out, or "
                + "have the command report make them where Java has both, from the run's folder");
    }

    public Path write() {
        return write(NAME, html.getBytes(StandardCharsets.UTF_8));
    }

    /** Draws each chart into a picture beside the page. */
    public List<Path> writePictures() {
        return charts.stream().map(chart -> {
            try {
                return write("report-" + chart.name() + ".png", PngCanvas.draw(chart));
            } catch (IOException e) {
                throw new CharlstmException("the chart " + chart.name() + " cannot be drawn: " + IoFailure.of(e), e);
            }
        }).toList();
    }

    private Path write(String name, byte[] bytes) {
        Path file = folder.resolve(name);
        AtomicFile.write(file, bytes);
        return file;
    }

    /** Writes a run's report during training, at intervals, and at its end. */
    public static final class Writer implements RunListener {
        private static final long NANOS = 1_000_000_000;
        /** Writing takes at most one part in 50 of the time. */
        private static final long SHARE = 50;

        private final boolean pictures;
        /** Null before the run begins. */
        private @Nullable Path folder;
        private long next;
        /** Whether the page in the folder shows all figures. */
        private boolean current;

        /** Writes the charts as pictures too at the end, if {@code pictures}. */
        public Writer(boolean pictures) {
            this.pictures = pictures;
        }

        @Override
        public void begin(TrainingRun run) {
            folder = run.folder().orElseThrow();
            next = System.nanoTime() + NANOS;
            current = run.wasDone() && Files.exists(folder.resolve(NAME));
        }

        @Override
        public void figures(Figures figures) {
            current = false;
        }

        @Override
        public void sentences(int epoch, List<String> sentences) {
            current = false;
        }

        @Override
        public void tested(Figures figures) {
            current = false;
        }

        @Override
        public void operations(List<OperationTime> times) {
            current = false;
        }

        @Override
        public void epoch(int epoch) {
            long now = System.nanoTime();
            if (epoch > 1 && now - next >= 0) {
                report().write();
                next = System.nanoTime() + Math.max(NANOS, SHARE * (System.nanoTime() - now));
            }
        }

        @Override
        public void trained(TrainingRun.End end) {
            write();
        }

        @Override
        public void end() {
            write();
        }

        private Report report() {
            return Report.of(Objects.requireNonNull(folder, "the run has not begun"));
        }

        private void write() {
            if (!current) {
                Report report = report();
                report.write();
                if (pictures) {
                    report.writePictures();
                }
                current = true;
            }
        }
    }
}
