package org.charlstm.bench;

import com.google.gson.annotations.SerializedName;

/** What came of a configuration or of one measurement of it. */
public enum Status {
    /** There are figures. */
    @SerializedName("measured")
    MEASURED,
    /** The model or its batch does not fit in memory, or into anything that memory could hold. */
    @SerializedName("does-not-fit")
    DOES_NOT_FIT,
    /** Something else went wrong. */
    @SerializedName("failed")
    FAILED,
    /** Not all repeats have been measured. */
    @SerializedName("unfinished")
    UNFINISHED
}
