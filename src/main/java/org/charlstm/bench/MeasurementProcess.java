package org.charlstm.bench;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.charlstm.io.Json;
import org.jspecify.annotations.Nullable;

/**
 * A process that measures one configuration and ends, so that no other's compiled code, memory or failure touches it.
 * The task comes as a line of JSON on standard input, the answer is the last line on standard output.
 */
public final class MeasurementProcess {
    /**
     * What a process is asked to do: describe a device, or measure a configuration on it.
     *
     * @param configuration what to measure; null to describe the device
     */
    record Task(TextSource text, Grid.Protocol protocol, DeviceSetup setup, @Nullable Configuration configuration) {
    }

    /**
     * What a process answers: one of the three, the others are null.
     *
     * @param failure     why there is nothing to describe
     */
    record Answer(@Nullable String failure, DeviceSetup.@Nullable Summary device,
            @Nullable Measurement measurement) {
    }

    private MeasurementProcess() {
    }

    /**
     * Does what standard input says.
     *
     * @param arguments none
     * @throws IOException if standard input cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Task task = Json.as(JsonParser.parseString(in.readLine()), Task.class);
        // Whoever asked keeps the pipe open; when it closes, nobody is left to answer.
        Thread.ofPlatform().daemon().name("charlstm-asker").start(() -> {
            try {
                in.transferTo(Writer.nullWriter());
            } catch (IOException e) {
                System.getLogger(MeasurementProcess.class.getName()).log(System.Logger.Level.DEBUG, "no pipe", e);
            }
            Runtime.getRuntime().halt(1);
        });
        Answer answer = Measurer.answer(task);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        out.print(Json.compact(Json.of(answer)) + "\n");
        out.flush();
    }
}
