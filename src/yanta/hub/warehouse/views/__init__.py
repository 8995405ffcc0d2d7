"""Pages that no declaration can express: boards, figures, questions, exports."""
