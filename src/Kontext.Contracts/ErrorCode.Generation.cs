namespace Kontext.Contracts;

/// <content>What can fail where pictures are made, on one machine as in a cluster.</content>
public sealed partial record ErrorCode
{
    /// <summary>The prompt holds no words.</summary>
    public static ErrorCode PromptEmpty { get; } =
        Input("prompt_empty", 400, "The prompt holds no words.", "Say what the picture should become.");

    /// <summary>The prompt has more tokens than the model reads.</summary>
    public static ErrorCode PromptTooLong { get; } =
        Input("prompt_too_long", 400, "The prompt has more tokens than the model reads.", "Shorten the prompt.");

    /// <summary>The number of steps is outside the range allowed.</summary>
    public static ErrorCode StepsOutOfRange { get; } =
        Input(
            "steps_out_of_range",
            400,
            "The number of steps is outside the range allowed.",
            "Leave it out for the model's default."
        );

    /// <summary>A guidance value is outside the range allowed.</summary>
    public static ErrorCode GuidanceOutOfRange { get; } =
        Input(
            "guidance_out_of_range",
            400,
            "The guidance is outside the range allowed.",
            "Leave it out for the model's default."
        );

    /// <summary>The number of images asked for is outside the range allowed.</summary>
    public static ErrorCode CountOutOfRange { get; } =
        Input(
            "count_out_of_range",
            400,
            "The number of images is outside the range allowed.",
            "Ask for fewer images at a time."
        );

    /// <summary>The size or aspect ratio asked for is not one the model can make.</summary>
    public static ErrorCode SizeInvalid { get; } =
        Input(
            "size_invalid",
            400,
            "The size is not one the model can make.",
            "Leave it out to follow the first context image."
        );

    /// <summary>More context images were given than the model takes.</summary>
    public static ErrorCode TooManyContexts { get; } =
        Input("too_many_contexts", 400, "There are more context images than the model takes.", "Give fewer images.");

    /// <summary>A file or folder that was named does not exist or cannot be read.</summary>
    public static ErrorCode FileNotFound { get; } =
        Input("file_not_found", 400, "A file that was named cannot be read.", "Check the path and its permissions.");

    /// <summary>The bytes are not an image this program reads.</summary>
    public static ErrorCode ImageUnreadable { get; } =
        Input(
            "image_unreadable",
            400,
            "The bytes are not an image that can be read.",
            "Give a whole PNG, JPEG or WebP file."
        );

    /// <summary>The image has more pixels or bytes than allowed.</summary>
    public static ErrorCode ImageTooLarge { get; } =
        Input("image_too_large", 413, "The image is larger than allowed.", "Scale it down first.");

    /// <summary>A file of tensors or pairs given as input has the wrong content.</summary>
    public static ErrorCode InputInvalid { get; } =
        Input("input_invalid", 400, "The data given has the wrong content.", "See the command's --help for its form.");

    /// <summary>The weights to import are damaged, or not what they should be.</summary>
    public static ErrorCode WeightsInvalid { get; } =
        Input(
            "weights_invalid",
            422,
            "The weights to import are damaged, or not what they should be.",
            "Compare them with what their publisher offers, and download them again."
        );

    /// <summary>No model bundle has the name asked for.</summary>
    public static ErrorCode ModelNotFound { get; } =
        new("model_not_found", 3, 404, "No model has this name.", "Run 'kontext model list' to see those there are.");

    /// <summary>The bundle lacks a part that the work needs, or its parts do not fit together.</summary>
    public static ErrorCode ModelIncomplete { get; } =
        new(
            "model_incomplete",
            3,
            409,
            "The model lacks a part this needs, or its parts do not fit together.",
            "Run 'kontext model show NAME' to see its parts, then import the missing one."
        );

    /// <summary>A bundle's files are damaged, altered or of an unknown format.</summary>
    public static ErrorCode ModelCorrupt { get; } =
        new(
            "model_corrupt",
            3,
            500,
            "The model's files are damaged or of an unknown format.",
            "Run 'kontext model verify NAME', then import or fetch the model again."
        );

    /// <summary>A model of this name exists already.</summary>
    public static ErrorCode ModelExists { get; } =
        new("model_exists", 3, 409, "A model of this name exists already.", "Choose another name, or add --force.");

    /// <summary>The weights have a licence that has not been accepted.</summary>
    public static ErrorCode LicenceNotAccepted { get; } =
        new(
            "licence_not_accepted",
            2,
            403,
            "The weights have a licence that has not been accepted.",
            "Read it, then add --accept-license if you accept it."
        );

    /// <summary>The device or execution provider asked for is not available.</summary>
    public static ErrorCode DeviceUnavailable { get; } =
        new(
            "device_unavailable",
            3,
            503,
            "The device asked for is not available.",
            "Use --device cpu, or install the GPU build and its drivers."
        );

    /// <summary>The device cannot compute in the precision of the model, or in the one asked for.</summary>
    public static ErrorCode PrecisionUnsupported { get; } =
        new(
            "precision_unsupported",
            3,
            409,
            "The device cannot compute in the precision of the model, or in the one asked for.",
            "Use another --device or --precision, or import the model in another precision."
        );

    /// <summary>The device failed while it computed.</summary>
    public static ErrorCode DeviceFailed { get; } =
        new(
            "device_failed",
            3,
            503,
            "The device failed while it computed.",
            "Run again; if it happens again, check the device and its driver."
        );

    /// <summary>The device ran out of memory.</summary>
    public static ErrorCode OutOfMemory { get; } =
        new("out_of_memory", 3, 503, "The device ran out of memory.", "Use a smaller size, batch or count.");

    /// <summary>The model computed values that are no numbers.</summary>
    public static ErrorCode ResultNotANumber { get; } =
        new(
            "result_not_a_number",
            3,
            500,
            "The model computed values that are no numbers.",
            "Use --precision bf16 or fp32; if they have been, run 'kontext model verify NAME'."
        );

    /// <summary>The output could not be written.</summary>
    public static ErrorCode OutputUnwritable { get; } =
        new("output_unwritable", 4, 500, "The output cannot be written.", "Choose another place with --output.");
}
