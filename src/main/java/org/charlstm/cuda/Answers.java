package org.charlstm.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What other programs answer on standard output within a time. One that does not answer is ended.
 *
 * @param out     what it answers: a file, for a pipe may be too small, and held open by what the program leaves behind
 */
record Answers(Process process, Path out) {
    /**
     * Asks several at once.
     *
     * @param bound    how long all of them may take together
     * @return the lines of each; empty for one that did not answer
     */
    static List<Optional<List<String>>> of(List<List<String>> commands, Duration bound) {
        long end = System.nanoTime() + bound.toNanos();
        List<Optional<Answers>> asked = commands.stream().map(Answers::ask).toList();
        return asked.stream().map(each -> each.flatMap(running -> running.lines(end))).toList();
    }

    private static Optional<Answers> ask(List<String> command) {
        try {
            Path out = Files.createTempFile("charlstm", ".out");
            try {
                Process process = new ProcessBuilder(command).redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
                process.getOutputStream().close();
                return Optional.of(new Answers(process, out));
            } catch (IOException e) {
                Files.delete(out);
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<List<String>> lines(long end) {
        try {
            if (answered(end)) {
                return Optional.of(new String(Files.readAllBytes(out), StandardCharsets.UTF_8).lines().toList());
            }
            // What it started is found through it, and so before it is gone.
            List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
            all.forEach(ProcessHandle::destroyForcibly);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } finally {
            out.toFile().delete();
        }
    }

    private boolean answered(long end) {
        try {
            return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
