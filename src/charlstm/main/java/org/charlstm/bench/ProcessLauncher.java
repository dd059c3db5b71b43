package org.charlstm.bench;

import com.google.gson.JsonParseException;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.TemporaryFolder;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.MeasurementProcess.Answer;
import org.charlstm.bench.MeasurementProcess.Task;

/** Starts a {@link MeasurementProcess} with this process's Java, flags, and class path or module path. */
record ProcessLauncher(BooleanSupplier interrupted) {
    /** Flags that are not passed on, because they concern this process's standard error, terminal or debugger. */
    private static final List<String> OWN = List.of("-Dcharlstm.stderr", "-Dcharlstm.columns", "-agentlib:",
            "-Xrunjdwp");
    /** Messages of the JVM that are not errors. */
    private static final List<String> NOTICES = List.of("WARNING: Using incubator", "NOTE: Picked up", "Picked up ");
    /** The JVM's message when the system cannot give it memory. */
    private static final String NO_MEMORY = "insufficient memory";
    private static final long POLL_MILLIS = 100;
    /** The exit code after SIGKILL, which the system sends when memory runs out. */
    private static final int KILLED = 128 + 9;
    /** Exit codes after SIGINT and SIGTERM; Ctrl-C sends SIGINT to all processes of a terminal. */
    private static final List<Integer> SIGNALLED = List.of(128 + 2, 128 + 15);
    /** How many polls this process gets to notice the same signal. */
    private static final int POLLS_FOR_SIGNAL = 10;

    /** Performs a task in a new process; empty if interrupted. */
    Optional<Answer> ask(Task task) {
        try (TemporaryFolder folder = new TemporaryFolder()) {
            Path out = folder.file("out");
            Path err = folder.file("err");
            Process process = new ProcessBuilder(command()).redirectOutput(out.toFile()).redirectError(err.toFile())
                    .start();
            try (OutputStream pipe = process.getOutputStream()) {
                send(pipe, task);
                if (await(process)) {
                    return Optional.empty();
                }
            } finally {
                process.destroyForcibly();
            }
            return Optional.of(answer(process.exitValue(), Files.readString(out), Files.readString(err), task));
        } catch (IOException e) {
            throw new CharlstmException("a process that measures cannot be started: " + IoFailure.of(e), e);
        }
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> OWN.stream().noneMatch(flag::startsWith)).forEach(command::add);
        Class<?> main = MeasurementProcess.class;
        command.addAll(main.getModule().isNamed()
                ? List.of("-p", absolute(System.getProperty("jdk.module.path")), "-m",
                        main.getModule().getName() + "/" + main.getName())
                : List.of("-cp", absolute(System.getProperty("java.class.path")), main.getName()));
        return command;
    }

    private static String absolute(String path) {
        return Stream.of(path.split(File.pathSeparator, 0)).map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Sends a task. If the process has already ended, its own streams tell the reason. */
    private static void send(OutputStream pipe, Task task) {
        try {
            pipe.write((Json.compact(Json.of(task)) + "\n").getBytes(StandardCharsets.UTF_8));
            pipe.flush();
        } catch (IOException e) {
            System.getLogger(ProcessLauncher.class.getName()).log(System.Logger.Level.DEBUG, "the process is gone", e);
        }
    }

    /** Waits for the end of a process; returns true if interrupted. */
    private boolean await(Process process) {
        try {
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                if (interrupted.getAsBoolean()) {
                    process.destroyForcibly().waitFor();
                    return true;
                }
            }
            for (int i = 0; SIGNALLED.contains(process.exitValue()) && i < POLLS_FOR_SIGNAL; i++) {
                if (interrupted.getAsBoolean()) {
                    return true;
                }
                Thread.sleep(POLL_MILLIS);
            }
            return interrupted.getAsBoolean() && process.exitValue() != 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return true;
        }
    }

    private static Answer answer(int code, String out, String err, Task task) {
        String last = out.lines().reduce((first, second) -> second).orElse("");
        if (code == 0) {
            try {
                return Json.as(Json.parse(last, MeasurementProcess.MAX_VALUES), Answer.class);
            } catch (JsonParseException e) {
                return failed(task, Status.FAILED, "its process said '" + last + "'");
            }
        }
        String error = err.lines().filter(line -> NOTICES.stream().noneMatch(line::startsWith))
                .findFirst().or(() -> out.lines().findFirst()).map(line -> ": " + line).orElse("");
        return code == KILLED || out.contains(NO_MEMORY)
                ? failed(task, Status.DOES_NOT_FIT, "its process was killed, as the system does when memory runs out")
                : failed(task, Status.FAILED, "its process ended with exit code " + code + error);
    }

    private static Answer failed(Task task, Status status, String message) {
        return task.configuration() == null
                ? new Answer("device '" + task.setup().device() + "': " + message, null, null)
                : new Answer(null, null, Measurement.without(status, message));
    }
}
