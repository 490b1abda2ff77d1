"""Sizes of kontext-tiny, under the names of the published configurations."""

TRANSFORMER = {"in_channels": 64, "out_channels": 64, "vec_in_dim": 96, "context_in_dim": 128, "hidden_size": 128, "mlp_ratio": 4.0, "num_heads": 4,
               "depth": 3, "depth_single_blocks": 6, "axes_dim": [8, 12, 12], "theta": 10000, "qkv_bias": True, "guidance_embed": True}
T5 = {"model_type": "t5", "d_model": 128, "num_heads": 4, "d_kv": 32, "d_ff": 256, "num_layers": 2, "relative_attention_num_buckets": 32,
      "relative_attention_max_distance": 128, "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 1e-6}
CLIP = {"model_type": "clip_text_model", "hidden_size": 96, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 384,
        "max_position_embeddings": 24, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}
AUTOENCODER = {"resolution": 64, "in_channels": 3, "ch": 32, "out_ch": 3, "ch_mult": [1, 1, 2, 2], "num_res_blocks": 1, "z_channels": 16,
               "scale_factor": 1.0, "shift_factor": 0.0, "norm_groups": 8}
STEPS, GUIDANCE, TOKENS = 8, 2.5, 16
PAIRS, PAIRS_SEED = 200000, 100  # training pairs, and what is added to the run's seed to draw them
