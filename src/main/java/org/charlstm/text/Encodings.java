package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which of the encodings that texts are often in would fit one. Those that have a byte order mark are told by that. */
final class Encodings {
    private static final List<Charset> COMMON = List.of(StandardCharsets.UTF_8, Charset.forName("windows-1252"),
            StandardCharsets.ISO_8859_1);

    private Encodings() {
    }

    /** Their names; none for what cannot be read a second time. */
    static List<String> fitting(InputFile file, Charset other) throws IOException {
        List<String> fitting = new ArrayList<>();
        for (Charset each : COMMON) {
            if (file.stays() && !each.equals(other) && fits(file, each)) {
                fitting.add(each.name());
            }
        }
        return fitting;
    }

    /** Whether a whole file is of such characters, none of them a control character that no text has. */
    private static boolean fits(InputFile file, Charset encoding) throws IOException {
        try (InputStream in = Unpacked.of(file.name(), new BufferedInputStream(file.open(), TextHead.MOST));
                Reader reader = new InputStreamReader(in, encoding.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT))) {
            char[] chars = new char[1 << 13];
            for (int read = reader.read(chars); read >= 0; read = reader.read(chars)) {
                for (int i = 0; i < read; i++) {
                    if (chars[i] == 0 || (chars[i] >= 0x7F && chars[i] < 0xA0)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
