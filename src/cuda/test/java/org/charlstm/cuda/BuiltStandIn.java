package org.charlstm.cuda;

import module java.base;

/** The simulated GPU as this build made it: its own jar, which is made from this module's, provides it to programs. */
public final class BuiltStandIn implements StandIn {
    @Override
    public String title() {
        return "the simulated GPU";
    }

    @Override
    public Optional<Path> folder() {
        return Optional.of(Path.of(System.getenv("CHARLSTM_SIM")));
    }

    @Override
    public Optional<byte[]> resource(String name) {
        return Optional.empty();
    }

    @Override
    public String advice() {
        return "build it";
    }

    @Override
    public String lastErrorFunction() {
        return "charlstm_sim_last_error";
    }

    @Override
    public String textModeFunction() {
        return "charlstm_sim_nvrtc_mode";
    }
}
