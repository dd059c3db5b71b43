package org.charlstm.cuda.binding;

import module java.base;

/** Code as the cache keeps it: the names that a text asked for, each with a zero at its end, and then the image. */
final class KeptCode {
    private KeptCode() {
    }

    static byte[] written(Nvrtc.Code code) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        code.names().values().forEach(name -> {
            bytes.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            bytes.write(0);
        });
        bytes.writeBytes(code.image());
        return bytes.toByteArray();
    }

    /** @param names in any order */
    static Nvrtc.Code read(byte[] kept, List<String> names) {
        Map<String, String> lowered = new TreeMap<>();
        int at = 0;
        for (String name : new TreeSet<>(names)) {
            int from = at;
            while (kept[at] != 0) {
                at++;
            }
            lowered.put(name, new String(kept, from, at - from, StandardCharsets.UTF_8));
            at++;
        }
        return new Nvrtc.Code(Arrays.copyOfRange(kept, at, kept.length), lowered);
    }
}
