package org.charlstm.text;

import module java.base;

/** Collects warnings. */
final class Warned implements ReadingProgress {
    private final List<String> warnings = new ArrayList<>();

    @Override
    public void read(long bytes, long total) {
        // Only the warnings count.
    }

    @Override
    public void warn(String warning) {
        warnings.add(warning);
    }

    List<String> warnings() {
        return warnings;
    }
}
